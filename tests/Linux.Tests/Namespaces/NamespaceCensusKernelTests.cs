using System.Diagnostics;
using Linux.Namespaces;

namespace Linux.Tests.Namespaces;

public sealed class NamespaceCensusKernelTests
{
    /// <summary>What nothing has been found of: absent for whoever sees all processes, else unknown.</summary>
    private static bool? Absent
    {
        get
        {
            try
            {
                return new FileInfo("/proc/1/ns/net").LinkTarget is not null
                    && new FileInfo("/proc/self/ns/pid").LinkTarget == "pid:[4026531836]"
                    ? false
                    : null;
            }
            catch (UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    private static bool? Find(ulong cookie) => NamespaceCensus.Take().Contains(cookie);

    [Fact]
    public void Every_namespace_has_a_number_of_its_own()
    {
        using NetworkNamespace own = NetworkNamespace.Current();
        using NetworkNamespace first = NewNamespace.Create(), second = NewNamespace.Create();
        Assert.Equal(3, new HashSet<ulong> { own.Cookie, first.Cookie, second.Cookie }.Count);
        using NetworkNamespace again = NetworkNamespace.Open($"/proc/self/fd/{first.Handle.Number}");
        Assert.Equal(first.Cookie, again.Cookie);
    }

    [Fact]
    public void A_namespace_that_a_thread_is_in_is_found()
    {
        using NetworkNamespace own = NetworkNamespace.Current();
        Assert.True(Find(own.Cookie));
        ulong cookie = 0;
        bool? found = null;
        using (NetworkNamespace made = NewNamespace.Create())
        {
            cookie = made.Cookie;
            found = made.Run(() => Find(cookie));
        }
        Assert.True(found);
    }

    [Fact]
    public void A_namespace_that_is_held_open_is_found()
    {
        using NetworkNamespace made = NewNamespace.Create();
        Assert.True(Find(made.Cookie));
    }

    // In a mount namespace that is not ours, as those of some runtimes are not.
    [Fact]
    public void A_namespace_that_is_mounted_is_found_wherever_that_is()
    {
        using NetworkNamespace probe = NewNamespace.Create();
        using Process holder = Process.Start(new ProcessStartInfo("unshare")
        {
            ArgumentList =
            {
                "--mount",
                "sh",
                "-euc",
                """
                mount -t tmpfs tmpfs /mnt; touch '/mnt/a b'
                unshare --net=/mnt/'a b' sh -c 'readlink /proc/self/ns/net'
                echo ready; read -r _
                """,
            },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            _ = holder.StandardOutput.ReadLine();
            Assert.Equal("ready", holder.StandardOutput.ReadLine());
            ulong cookie;
            using (NetworkNamespace mounted = NetworkNamespace.Open($"/proc/{holder.Id}/root/mnt/a b"))
                cookie = mounted.Cookie;
            Assert.True(Find(cookie));
        }
        finally
        {
            holder.StandardInput.Close();
            holder.WaitForExit();
        }
    }

    [Fact]
    public void A_number_that_no_namespace_has_is_not_found()
    {
        Assert.Equal(Absent, Find(1UL << 62));
        Assert.Null(Find(0));
    }

    // unshare -Urn needs no privilege, so what is in there is anybody's word.
    [Fact]
    public void A_namespace_of_another_user_namespace_is_not_owned_here()
    {
        using NetworkNamespace made = NewNamespace.Create();
        Assert.True(made.IsOwnedHere);
        using Process foreign = Process.Start(new ProcessStartInfo("unshare")
        {
            ArgumentList = { "-Urn", "sh", "-c", "echo ready; read -r _" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("ready", foreign.StandardOutput.ReadLine());
            using NetworkNamespace anybodys = NetworkNamespace.Open($"/proc/{foreign.Id}/ns/net");
            Assert.False(anybodys.IsOwnedHere);
        }
        finally
        {
            foreign.StandardInput.Close();
            foreign.WaitForExit();
        }
    }

    [Fact]
    public void Mounts_are_read_as_the_kernel_writes_them()
    {
        const string MountInfo = """
            24 1 0:22 / /proc rw,relatime shared:5 - proc proc rw
            36 35 0:4 net:[4026532254] /run/netns/a\040b rw shared:1 - nsfs nsfs rw
            37 35 0:4 mnt:[4026532255] /run/mnt rw - nsfs nsfs rw

            """;
        Assert.Equal([("net:[4026532254]", "/run/netns/a b")], NamespaceCensus.MountedIn(MountInfo));
    }

    [Fact]
    public void Mount_namespace_is_told_apart()
    {
        ulong own = MountNamespace.ReadId();
        Assert.NotEqual(0UL, own);
        Assert.Equal(own, MountNamespace.ReadId());
    }
}
