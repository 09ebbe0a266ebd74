using Linux;
using Linux.Namespaces;
using Netlink.Route;

namespace TestKit;

/// <summary>A new network namespace for each test. Without privilege it skips; where CI is set it fails.</summary>
public abstract class KernelTest : IDisposable
{
    protected KernelTest()
    {
        try
        {
            Namespace = NetworkNamespace.Create();
        }
        catch (LinuxException e) when (e.Errno == Errno.EPERM && Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip("needs CAP_SYS_ADMIN");
        }
        Client = RouteClient.Open(Namespace);
    }

    protected NetworkNamespace Namespace { get; }

    protected RouteClient Client { get; }

    public virtual void Dispose()
    {
        Client.Dispose();
        Namespace.Dispose();
    }

    /// <summary>The index of a link that the test made.</summary>
    protected int IndexOf(string name) => Client.FindLink(name)!.Index;
}
