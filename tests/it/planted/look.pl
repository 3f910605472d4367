# Looks for secrets wherever a step could find them, and prints what it found: as it is, in
# base64 at each of three places, as URLs and JSON write it, in writes of every size. A write
# waits until the one before was read, as FIONREAD tells, so that each is a read.
use strict;
use warnings;
use Cwd qw(getcwd);
use MIME::Base64 qw(encode_base64 decode_base64);
use Socket;

my @found;

sub note { push @found, grep { defined && length } @_ }

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or return;
    local $/;
    note(scalar <$file>);
}

sub hear {
    my ($address) = @_;
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or return;
    connect($socket, $address) or return;
    local $/;
    note(scalar <$socket>);
}

note(map { "$_=$ENV{$_}" } sort keys %ENV);
slurp($_) for glob('/proc/[0-9]*/environ'), glob('/proc/[0-9]*/cmdline');
slurp($_) for grep { m{^/} && -f $_ } values %ENV;
my @names = qw(.git/config .env .npmrc .netrc _netrc pip.conf .gitconfig .pypirc);
for (my $folder = getcwd(); ; $folder =~ s{/[^/]*$}{}) {
    slurp("$folder/$_") for grep { -f "$folder/$_" } @names;
    last if $folder eq '';
}
note(scalar `git config --list --show-origin 2>&1`, scalar `git remote -v 2>&1`);
open my $list, '<', 'places' or die;
while (my $line = <$list>) {
    chomp $line;
    my ($kind, $place) = split / /, $line, 2;
    slurp($place) if $kind eq 'file' && -f $place;
    hear(pack_sockaddr_un($place)) if $kind eq 'socket';
    # perl cuts a name with a zero byte in front: a whole address has the same length.
    hear(pack('S a108', AF_UNIX, "\0$place")) if $kind eq 'abstract';
}
note(join ' ', @ARGV);

my $all = join "\n", @found;
my $plain = $all;
(my $decoded = $all) =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
$plain .= "\n$decoded";
$plain .= "\n" . decode_base64($1) while $all =~ m{([A-Za-z0-9+/]{16,}=*)}g;
my %seen;
$seen{$2} = $1 while $plain =~ m{(zq(\d\d)[a-f0-9]{10}/\+[a-f0-9]{6})}g;

sub read_up { my $left = ''; 1 while ioctl(STDOUT, 0x541B, $left) && unpack 'i', $left }
my $count = 0;
sub in_pieces {
    my ($text) = @_;
    for (my $at = 0; $at < length $text;) {
        my $size = $count++ % 17 + 1;
        read_up();
        syswrite STDOUT, substr($text, $at, $size);
        $at += $size;
    }
}

syswrite STDOUT, "$all\n";
syswrite STDOUT, encode_base64("$_$all", '') . "\n" for '', 'a', 'ab';
for my $id (sort keys %seen) {
    my $secret = $seen{$id};
    (my $url = $secret) =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    (my $json = $secret) =~ s{/}{\\/}g;
    in_pieces("$_\n") for $secret, $url, lc $url, $json;
    in_pieces(encode_base64("$_$secret$_", '') . "\n") for '', 'a', 'ab';
    # The token as the last word, and at the beginning of a buffer.
    in_pieces("{\"token\":\"$secret\"}\nhttps://me:$url\@example.invalid/\n");
}
in_pieces("sees:" . join('', map { " $_" } sort keys %seen) . "\n");
exit(-e 'bad' ? 1 : 0);
