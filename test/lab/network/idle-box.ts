import { spawn } from 'node:child_process';

// A balancer's idle timer, as AWS, Azure and F5 have one: a connection in which nothing moved for that long gets an
// RST at each end, in the name of the other.

/** It ends by itself, whatever becomes of the lab. */
const LIVES_S = 60;

/** Sees each packet that is forwarded, and keeps of each direction of a connection the next number. */
const PROGRAM = `use strict; use Socket; use Time::HiRes 'time';
  my ($idle, $lives) = @ARGV;
  socket(my $in, 17, SOCK_DGRAM, 8) or die $!; # AF_PACKET, htons(ETH_P_IP)
  socket(my $out, PF_INET, SOCK_RAW, 255) or die $!; # IPPROTO_RAW
  my (%next, %seen, %over);
  sub sum { my $s = 0; $s += $_ for unpack 'n*', $_[0] . "\\0"; $s = ($s >> 16) + ($s & 65535) while $s >> 16; ~$s & 65535 }
  sub rst {
    my ($from, $to, $ports, $seq, $ack) = @_;
    my $tcp = pack 'a4NNCCnnn', $ports, $seq, $ack, 0x50, 0x14, 0, 0, 0;
    substr($tcp, 16, 2) = pack 'n', sum($from . $to . pack('CCn', 0, 6, 20) . $tcp);
    my $ip = pack 'CCnnnCCna4a4', 0x45, 0, 40, 0, 0, 64, 6, 0, $from, $to;
    send $out, $ip . $tcp, 0, pack_sockaddr_in(0, $to);
  }
  $| = 1; print "ready\\n";
  my $end = time + $lives;
  while (time < $end) {
    my $ready = ''; vec($ready, fileno $in, 1) = 1;
    if (select $ready, undef, undef, 0.05) {
      recv $in, my $p, 65535, 0;
      my ($v, $total, $proto, $from, $to) = unpack 'CxnxxxxxCxxa4a4', $p;
      next if $proto != 6;
      my $tcp = substr $p, ($v & 15) * 4, $total - ($v & 15) * 4;
      my ($sport, $dport, $seq, $ack, $off, $flags) = unpack 'a2a2NNCC', $tcp;
      my ($key, $back) = ("$from$to$sport$dport", "$to$from$dport$sport");
      if ($flags & 7) { $over{$key} = $over{$back} = $flags & 5; }
      my $after = ($seq + length($tcp) - ($off >> 4) * 4 + ($flags & 2 ? 1 : 0)) % 2**32;
      $next{$key} = $after;
      $seen{$key} = $seen{$back} = time;
    }
    for my $key (keys %next) {
      next if $over{$key} || time - $seen{$key} < $idle;
      my ($from, $to, $sport, $dport) = unpack 'a4a4a2a2', $key;
      next if unpack('n', $sport) > unpack('n', $dport); # the client hears of it first
      my $back = "$to$from$dport$sport";
      next unless defined $next{$back};
      $over{$key} = $over{$back} = 1;
      rst($from, $to, "$sport$dport", $next{$key}, $next{$back});
      rst($to, $from, "$dport$sport", $next{$back}, $next{$key});
    }
  }`;

/** Starts the timer on the router; connections that begin later have it. */
export async function startIdleBox(namespace: string, seconds: number): Promise<void> {
  const args = ['netns', 'exec', namespace, 'perl', '-e', PROGRAM, String(seconds), String(LIVES_S)];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the idle box ended: ${code}`)));
  });
  child.stdout.destroy();
  child.unref();
}
