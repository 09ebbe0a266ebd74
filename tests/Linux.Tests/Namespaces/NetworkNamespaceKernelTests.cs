using System.Diagnostics;
using Linux.Kernel;
using Linux.Namespaces;
using TestKit;

namespace Linux.Tests.Namespaces;

public sealed class NetworkNamespaceKernelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_namespace_is_another_one()
    {
        using NetworkNamespace own = NetworkNamespace.Current();
        using NetworkNamespace made = NewNamespace.Create();
        using NetworkNamespace second = NewNamespace.Create();
        Assert.False(made.IsSameAs(own));
        Assert.False(made.IsSameAs(second));
        using NetworkNamespace again = NetworkNamespace.Open($"/proc/self/fd/{made.Handle.Number}");
        Assert.True(made.IsSameAs(again));
    }

    [Fact]
    public void Work_runs_inside_and_the_caller_stays_where_it_was()
    {
        using NetworkNamespace before = NetworkNamespace.Current();
        using NetworkNamespace made = NewNamespace.Create();
        using NetworkNamespace inside = made.Run(NetworkNamespace.Current);
        using NetworkNamespace after = NetworkNamespace.Current();
        Assert.True(inside.IsSameAs(made));
        Assert.True(after.IsSameAs(before));
        bool ran = false;
        made.Run(() => { ran = true; });
        Assert.True(ran);
    }

    [Fact]
    public void An_exception_inside_arrives_outside()
    {
        using NetworkNamespace made = NewNamespace.Create();
        Assert.Equal("x", Assert.Throws<InvalidDataException>(() => made.Run(() => throw new InvalidDataException("x"))).Message);
    }

    [Fact]
    public void What_is_no_namespace_is_told_from_what_is_absent()
    {
        File.WriteAllText(_folder["file"], "");
        foreach (string path in (string[])[_folder["file"], "/proc/self/ns/uts", "/proc/self/status", "/dev/null", "/"])
        {
            NotANamespaceException exception = Assert.Throws<NotANamespaceException>(() => NetworkNamespace.Open(path));
            Assert.Equal((path, $"{path} is not a network namespace"), (exception.Path, exception.Message));
            Assert.Null(NetworkNamespace.TryOpen(path));
        }
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => NetworkNamespace.Open(_folder["absent"])).Errno);
        Assert.Null(NetworkNamespace.TryOpen(_folder["absent"]));
        Assert.Null(NetworkNamespace.TryOpen("/proc/4194304/ns/net"));
        Assert.Null(NetworkNamespace.TryOpen(""));
    }

    [Fact]
    public void A_FIFO_is_refused_without_waiting_for_a_writer()
    {
        using Process mkfifo = Process.Start("mkfifo", [_folder["fifo"]]);
        mkfifo.WaitForExit();
        Assert.Throws<NotANamespaceException>(() => NetworkNamespace.Open(_folder["fifo"]));
        Assert.Null(NetworkNamespace.TryOpen(_folder["fifo"]));
    }

    [Fact]
    public void Settings_are_those_of_the_threads_namespace()
    {
        using NetworkNamespace made = NewNamespace.Create();
        made.Run(() =>
        {
            Sysctl.Write("net/ipv4/ip_forward", "1");
            Assert.Equal("1", Sysctl.TryRead("net/ipv4/ip_forward"));
            Sysctl.Write("net/ipv4/ip_forward", "0");
        });
        Assert.Equal("0", made.Run(() => Sysctl.TryRead("net/ipv4/ip_forward")));
    }

    [Fact]
    public void Settings_that_do_not_exist_or_refuse_say_so()
    {
        using NetworkNamespace made = NewNamespace.Create();
        made.Run(() =>
        {
            Assert.Null(Sysctl.TryRead("net/ipv4/conf/absent/arp_notify"));
            LinuxException absent = Assert.Throws<LinuxException>(() => Sysctl.Write("net/ipv4/conf/absent/arp_notify", "1"));
            Assert.Equal((Errno.ENOENT, "set sysctl net/ipv4/conf/absent/arp_notify=1"), (absent.Errno, absent.Operation));
            Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => Sysctl.Write("net/ipv4/ip_forward", "x")).Errno);
            Assert.False(Sysctl.TryWrite("net/ipv4/ip_forward", "x"));
            Assert.True(Sysctl.TryWrite("net/ipv4/ip_forward", "1"));
        });
    }
}
