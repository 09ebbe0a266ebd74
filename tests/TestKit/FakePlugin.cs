using System.Net;
using Cni;
using Linux.Addresses;

namespace TestKit;

/// <summary>A plugin that records its calls and does what a test tells it.</summary>
public sealed class FakePlugin : ICniPlugin
{
    public string Type { get; init; } = "fake";

    public IReadOnlyList<string> SupportedVersions { get; init; } = CniVersions.All;

    public bool NeedsNetNS { get; init; }

    public List<CniVerb> Calls { get; } = [];

    public Func<CniInvocation, CniResult> OnAdd { get; init; } = OneAddress;

    public Action<CniInvocation> OnOther { get; init; } = _ => { };

    public static CniResult OneAddress(CniInvocation invocation) => new()
    {
        Interfaces =
        {
            new CniInterface { Name = "cni0", Mac = "02:00:00:00:00:01" },
            new CniInterface { Name = invocation.IfName, Mac = "02:00:00:00:00:02", Sandbox = invocation.NetNS },
        },
        Ips =
        {
            new CniIp { Address = new IpPrefix(IPAddress.Parse("10.1.2.3"), 24), Gateway = IPAddress.Parse("10.1.2.1"), Interface = 1 },
        },
        Routes = { new CniRoute { Destination = new IpPrefix(IPAddress.Any, 0) } },
    };

    public CniResult Add(CniInvocation invocation)
    {
        Calls.Add(CniVerb.Add);
        return OnAdd(invocation);
    }

    public void Del(CniInvocation invocation) => Record(CniVerb.Del, invocation);

    public void Check(CniInvocation invocation) => Record(CniVerb.Check, invocation);

    public void Status(CniInvocation invocation) => Record(CniVerb.Status, invocation);

    public void Gc(CniInvocation invocation) => Record(CniVerb.Gc, invocation);

    private void Record(CniVerb verb, CniInvocation invocation)
    {
        Calls.Add(verb);
        Assert.Equal(verb, invocation.Verb);
        OnOther(invocation);
    }
}
