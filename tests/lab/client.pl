#!/usr/bin/perl
# pct, pvesh, pveam and the like on a lab's node: the state is the simulated front's, which answers
# through a socket. What reaches into a container is done here, with the real lxc-attach.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($program) = $0 =~ m{([^/]+)$};

# Has the front run a command line; returns its exit status and its standard output.
sub front {
    my ($show, @argv) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => '/run/lab/front.sock') or die "no front: $!\n";
    my $words = join "\0", @argv;
    print {$socket} pack('N', length $words), $words;
    $socket->flush;
    my $take = sub {
        my ($length) = @_;
        my $data = '';
        while (length $data < $length) {
            read($socket, $data, $length - length $data, length $data) or die "the front is gone\n";
        }
        return $data;
    };
    my $out = '';
    while (1) {
        my ($kind, $value) = unpack 'CN', $take->(5);
        return ($value, $out) if $kind == 0;
        my $data = $take->($value);
        $out .= $data if $kind == 1;
        next if $kind == 1 && !$show;
        syswrite $kind == 1 ? \*STDOUT : \*STDERR, $data;
    }
}

# Ends with the reason where a container does not run.
sub must_run {
    my ($vmid, $message) = @_;
    my ($status, $out) = front(0, 'pct', 'status', $vmid);
    exit $status if $status;
    return if $out =~ /running/;
    print STDERR "$message\n";
    exit 255;
}

# Takes the options that stand before the operands, or among them.
sub options {
    my ($words, @names) = @_;
    my (%given, @rest);
    while (defined(my $word = shift @$words)) {
        if ($word eq '--') { push @rest, @$words; last }
        my ($name, $value) = $word =~ /^--?([a-z-]+)(?:=(.*))?$/s;
        if (defined $name && grep { $_ eq $name } @names) {
            $given{$name} = $value // shift @$words;
        } else {
            push @rest, $word;
        }
    }
    return (\%given, @rest);
}

my $command = $program eq 'pct' ? $ARGV[0] // '' : '';
if ($command eq 'exec' || $command eq 'enter') {
    my (undef, $vmid, @words) = @ARGV;
    my ($given, @argv) = options(\@words, 'keep-env');
    must_run($vmid, "container '$vmid' not running!");
    my @keep = ($given->{'keep-env'} // 1) ? () : ('--clear-env');
    exec 'lxc-attach', '-n', $vmid, @keep, ($command eq 'exec' ? ('--', @argv) : ());
}
if ($command eq 'push' || $command eq 'pull') {
    my (undef, $vmid, @words) = @ARGV;
    my ($given, $from, $to) = options(\@words, qw(perms user group));
    must_run($vmid, "can only $command files " . ($command eq 'push' ? 'to' : 'from') . ' a running CT');
    my @inside = ('lxc-attach', '-n', $vmid, '--clear-env', '--', 'sh', '-c');
    if ($command eq 'push') {
        open STDIN, '<', $from or do { print STDERR "failed to open $from for reading\n"; exit 0 };
        my $owner = ($given->{user} // 0) . ':' . ($given->{group} // 0);
        push @inside, 'cat >"$1" && chmod "$2" "$1" && chown "$3" "$1"', 'sh', $to,
            $given->{perms} // '0644', $owner;
    } else {
        open STDOUT, '>', $to or do { print STDERR "failed to open $to for writing\n"; exit 0 };
        push @inside, 'cat "$1"', 'sh', $from;
    }
    # It says what failed, and still exits with 0.
    system @inside;
    exit 0;
}
my ($status) = front(1, $program, @ARGV);
if (!$status && ($command eq 'mount' || $command eq 'unmount')) {
    # The lock is the front's affair, the file system the node's.
    my $home = "/var/lib/lxc/$ARGV[1]";
    mkdir "$home/rootfs";
    my @argv = $command eq 'mount' ? ('mount', '--bind', "$home/root") : 'umount';
    $status = system(@argv, "$home/rootfs") >> 8;
}
exit $status;
