# An 802.1Q switch for kernels without VLAN devices: perl trunk.pl VLAN-ID
# access0 -> tag -> trunk0 === trunk1 -> untag -> uplink0, and back.
use strict;
use warnings;

my $tag = pack('nn', 0x8100, shift // 100);
my %port = map { $_ => port($_) } qw(access0 trunk0 trunk1 uplink0);
my %to   = (access0 => 'trunk0', trunk0 => 'access0', uplink0 => 'trunk1', trunk1 => 'uplink0');
$| = 1;
print "ready\n";

while (1) {
    my $ready = '';
    vec($ready, fileno($_), 1) = 1 for values %port;
    select($ready, undef, undef, undef);
    for my $name (keys %port) {
        next unless vec($ready, fileno($port{$name}), 1);
        my $from = recv($port{$name}, my $frame, 65536, 0);
        next if unpack('x10 C', $from) == 4;    # PACKET_OUTGOING: sent by ourselves
        # The kernel has taken the tag off a received frame, so only the way in to the trunk needs work.
        substr($frame, 12, 0) = $tag if $to{$name} =~ /^trunk/;
        send($port{ $to{$name} }, $frame, 0);
    }
}

sub port {
    my ($name) = @_;
    my ($AF_PACKET, $SOCK_RAW, $ETH_P_ALL, $SIOCGIFINDEX) = (17, 3, 3, 0x8933);
    socket(my $socket, $AF_PACKET, $SOCK_RAW, unpack('S', pack('n', $ETH_P_ALL))) or die "$name: $!";
    my $request = pack('a16 x16', $name);
    ioctl($socket, $SIOCGIFINDEX, $request) or die "$name: $!";
    my $index = unpack('x16 i', $request);
    bind($socket, pack('S n i S C C a8', $AF_PACKET, $ETH_P_ALL, $index, 0, 0, 0, '')) or die "$name: $!";
    return $socket;
}
