# An 802.1Q switch for kernels without VLAN devices: perl trunk.pl VLAN-ID [ADDRESS MILLISECONDS]
# access0 -> tag -> trunk0 === trunk1 -> untag -> uplink0, and back. The IPv4 address appears to be of a
# host with another clock: its TCP timestamps (RFC 7323) are ahead by this much, and what comes back is not.
use strict;
use warnings;

my $tag = pack('nn', 0x8100, shift // 100);
my ($host, $ahead) = @ARGV ? (pack('C4', split /\./, $ARGV[0]), $ARGV[1]) : ('', 0);
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
        move_clock($frame, 26, 0, $ahead) if $name eq 'access0';     # TSval of what it sends
        move_clock($frame, 30, 4, -$ahead) if $name eq 'trunk0';     # TSecr of what it gets
        # The kernel has taken the tag off a received frame, so only the way in to the trunk needs work.
        substr($frame, 12, 0) = $tag if $to{$name} =~ /^trunk/;
        send($port{ $to{$name} }, $frame, 0);
    }
}

# Adds to the timestamp option's value at $field if the address at $at of the frame is the host's.
sub move_clock {
    my ($at, $field, $by) = @_[1 .. 3];
    return if $host eq '' || unpack('x12 n', $_[0]) != 0x0800 || substr($_[0], $at, 4) ne $host;
    my $tcp = 14 + 4 * (unpack('x14 C', $_[0]) & 15);
    my $end = $tcp + 4 * (unpack("x$tcp x12 C", $_[0]) >> 4);
    for (my $option = $tcp + 20 ; $option < $end ;) {
        my ($kind, $length) = unpack("x$option C2", $_[0]);
        if ($kind == 8) {
            my $value = $option + 2 + $field;
            my $old   = unpack("x$value N", $_[0]);
            my $new   = $old == 0 ? 0 : ($old + $by) & 0xffffffff;    # TSecr of a SYN is empty
            my $sum   = 0xffff & ~unpack("x$tcp x16 n", $_[0]);
            $sum += (0xffff & ~$_) for $old >> 16, $old & 0xffff;     # RFC 1624
            $sum += $_ for $new >> 16, $new & 0xffff;
            # An option behind a single NOP is not even, and its bytes count in the other order.
            die "timestamps at an odd offset\n" if ($value - $tcp) % 2;
            $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
            substr($_[0], $value, 4) = pack('N', $new);
            substr($_[0], $tcp + 16, 2) = pack('n', 0xffff & ~$sum);
        }
        $option += $kind < 2 ? 1 : $length;
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
