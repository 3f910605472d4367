# What a hostile package tries. It is told its targets in TRY_ variables and
# says of each attempt whether it was DONE or denied, in report-<stage> of its
# clone and on stdout. What it leaves behind is looked for from outside.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX ();
use Socket;

my $stage = shift;
my ($home, $source, $work, $artifacts, $mark, $runner) =
    @ENV{qw(TRY_HOME TRY_SOURCE TRY_WORK TRY_ARTIFACTS TRY_MARK TRY_RUNNER)};
open my $report, '>', "report-$stage" or die "no report: $!";
$| = 1;

# Silence is denial: whoever does not answer within three seconds never will.
sub attempt {
    my ($name, $try) = @_;
    my $done = eval {
        local $SIG{ALRM} = sub { die "late\n" };
        alarm 3;
        my $done = $try->();
        alarm 0;
        $done;
    };
    alarm 0;
    for my $out ($report, \*STDOUT) {
        print $out "$name: ", ($done ? 'DONE' : 'denied'), "\n";
    }
}

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or return '';
    local $/;
    return scalar(<$file>) // '';
}

sub leave {
    my ($folder, $size) = @_;
    mkdir $folder;
    open my $file, '>', "$folder/planted-$mark-$stage" or return 0;
    print $file 'x' x ($size // 1);
    return close $file;
}

sub greeted {
    my ($socket) = @_;
    return $socket && (<$socket> // '') =~ /hello/;
}

sub pids { map { m{(\d+)$} } glob '/proc/[0-9]*' }

sub supervisors {
    grep { slurp("/proc/$_/cmdline") =~ /\0__[a-z]+\0/ } pids();
}

sub runners {
    grep { slurp("/proc/$_/cmdline") =~ /\0run\0--repo\0\Q$source\E\0/ } pids();
}

sub memory {
    my ($pid) = @_;
    my ($at) = slurp("/proc/$pid/maps") =~ /^([0-9a-f]+)-\S+ r/m or return 0;
    open my $memory, '<:raw', "/proc/$pid/mem" or return 0;
    sysseek $memory, hex $at, 0 or return 0;
    return sysread($memory, my $bytes, 16);
}

# From a child, whose end lets go of whatever it holds.
sub seize {
    my ($pid) = @_;
    my %ptrace = (x86_64 => 101, aarch64 => 117);
    my $number = $ptrace{(POSIX::uname())[4]} or return 0;
    my $child = fork // return 0;
    POSIX::_exit(syscall($number, 0x4206, $pid + 0, 0, 0) == 0 ? 0 : 1) unless $child;
    waitpid $child, 0;
    return $? == 0;
}

# Out of the group and the session: one that sleeps, so that it can be found,
# and one that forks on for some seconds, so that it is hard to kill.
sub relay {
    my $child = fork // return 0;
    return 1 if $child;
    POSIX::setsid();
    $0 = "relay-$mark-$stage";
    POSIX::close($_) for 0 .. 2;
    my $sleeper = fork // 0;
    for (1 .. $sleeper ? 3000 : 0) {
        POSIX::_exit(0) if fork // 0;
        select undef, undef, undef, 0.001;
    }
    sleep 30;
    POSIX::_exit(0);
}

attempt read_npmrc => sub { slurp("$home/.npmrc") =~ /planted/ };
attempt read_ssh_key => sub { slurp("$home/.ssh/id_ed25519") =~ /planted/ };
attempt list_home => sub { opendir my $dir, $home or return 0; grep { /npmrc/ } readdir $dir };
attempt read_home_through_proc => sub {
    grep { slurp("/proc/$_/root$home/.npmrc") =~ /planted/ } pids();
};
attempt read_environment => sub {
    grep { slurp("/proc/$_/environ") =~ /GITHUB_TOKEN=planted-$mark/ } pids();
};
attempt read_parents_environment => sub {
    slurp('/proc/' . getppid . '/environ') =~ /GITHUB_TOKEN=planted-$mark/;
};
attempt tcp => sub {
    greeted(IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ENV{TRY_TCP}", Timeout => 2));
};
attempt udp => sub {
    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ENV{TRY_UDP}", Proto => 'udp');
    $socket or return 0;
    $socket->send('hello') or return 0;
    $socket->recv(my $answer, 16);
    return $answer =~ /hello/;
};
attempt dns => sub { gethostbyname $ENV{TRY_DNS} };
attempt unix_socket => sub { greeted(IO::Socket::UNIX->new(Peer => $ENV{TRY_SOCKET})) };
attempt abstract_socket => sub {
    socket my $socket, PF_UNIX, SOCK_STREAM, 0 or return 0;
    connect $socket, pack_sockaddr_un("\0$ENV{TRY_ABSTRACT}") or return 0;
    return greeted($socket);
};
attempt write_source => sub { leave($source) };
attempt write_source_git => sub { leave("$source/.git") };
attempt write_work => sub { leave($work) };
attempt write_cache => sub { leave("$work/cache") };
attempt write_artifacts => sub { leave($artifacts) };
attempt write_home => sub { leave($home) };
attempt write_tmp => sub { leave('/tmp') };
attempt fill_var_tmp => sub { leave('/var/tmp', 1024 * 1024) };
attempt fill_shm => sub { leave('/dev/shm', 1024 * 1024) };
attempt signal_runner => sub { kill 0, $runner };
attempt find_and_signal_runner => sub { grep { kill 0, $_ } runners() };
attempt terminal => sub { open my $terminal, '+<', '/dev/tty' };
attempt user_namespace => sub { system('unshare -Ur true 2>/dev/null') == 0 };
attempt mount => sub {
    mkdir "mounted-$stage";
    my $mount = "mount -t tmpfs none mounted-$stage";
    grep { system("unshare $_ $mount 2>/dev/null") == 0 } '-m', '-Urm';
};
attempt read_runners_memory => sub { grep { memory($_) } $runner, runners() };
attempt read_supervisors_memory => sub { grep { memory($_) } supervisors() };
attempt trace_supervisor => sub { grep { seize($_) } supervisors() };
attempt relay => \&relay;
