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

    public static CniResult OneAddress(CniInvocation call) => new()
    {
        Interfaces =
        {
            new CniInterface { Name = "cni0", Mac = "02:00:00:00:00:01" },
            new CniInterface { Name = call.IfName, Mac = "02:00:00:00:00:02", Sandbox = call.NetNS },
        },
        Ips =
        {
            new CniIp { Address = new IpPrefix(IPAddress.Parse("10.1.2.3"), 24), Gateway = IPAddress.Parse("10.1.2.1"), Interface = 1 },
        },
        Routes = { new CniRoute { Destination = new IpPrefix(IPAddress.Any, 0) } },
    };

    public CniResult Add(CniInvocation call)
    {
        Calls.Add(CniVerb.Add);
        return OnAdd(call);
    }

    public void Del(CniInvocation call) => Record(CniVerb.Del, call);

    public void Check(CniInvocation call) => Record(CniVerb.Check, call);

    public void Status(CniInvocation call) => Record(CniVerb.Status, call);

    public void Gc(CniInvocation call) => Record(CniVerb.Gc, call);

    private void Record(CniVerb verb, CniInvocation call)
    {
        Calls.Add(verb);
        Assert.Equal(verb, call.Verb);
        OnOther(call);
    }
}
