using Cni;
using Netlink.Route.Links;

namespace Plugins.Chained.Tuning;

/// <summary>What an ADD of <c>tuning</c> found before it changed something.</summary>
internal sealed record TuningRecord
{
    private const string Document = "tuning record";

    /// <summary>Of the attachment, for people.</summary>
    public string Network { get; init; } = "";

    /// <inheritdoc cref="Network"/>
    public string ContainerId { get; init; } = "";

    /// <inheritdoc cref="Network"/>
    public string IfName { get; init; } = "";

    /// <summary>
    /// When the ADD was, in ticks of the monotonic clock: attachments of one pod may have changed the same setting after each other.
    /// </summary>
    public long At { get; init; }

    /// <summary>The interface, as far as it was to be changed.</summary>
    public LinkChange Link { get; init; } = new();

    /// <summary>The other end of the interface, where its MTU was to be changed, too.</summary>
    public HostEndRecord? HostEnd { get; init; }

    /// <summary>The kernel settings that were to be changed.</summary>
    public IReadOnlyList<SysctlRecord> Sysctls { get; init; } = [];

    /// <summary>This record, and of a newer one what this one lacks: what an ADD found that was called again is no original.</summary>
    public TuningRecord Before(TuningRecord newer)
    {
        List<SysctlRecord> sysctls = [.. newer.Sysctls.Select(later =>
            Sysctls.FirstOrDefault(first => first.Path == later.Path) is { } first ? first with { Set = later.Set } : later)];
        sysctls.AddRange(Sysctls.Where(first => !sysctls.Exists(later => later.Path == first.Path)));
        return newer with
        {
            At = At,
            Link = new LinkChange
            {
                Mac = Link.Mac ?? newer.Link.Mac,
                Promiscuous = Link.Promiscuous ?? newer.Link.Promiscuous,
                Mtu = Link.Mtu ?? newer.Link.Mtu,
                AllMulticast = Link.AllMulticast ?? newer.Link.AllMulticast,
                TxQueueLength = Link.TxQueueLength ?? newer.Link.TxQueueLength,
            },
            HostEnd = HostEnd ?? newer.HostEnd,
            Sysctls = sysctls,
        };
    }

    /// <summary>Reads a record of ours, or one that the reference's plugin left, whose keys are a part of ours.</summary>
    /// <exception cref="CniException">It is none.</exception>
    public static TuningRecord Parse(ReadOnlySpan<byte> text)
    {
        LinkChange link = new();
        string hostName = "", network = "", containerId = "", ifName = "";
        int? hostMtu = null;
        long at = 0;
        List<SysctlRecord> sysctls = [];
        JsonCursor json = new(text, Document);
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("network"u8))
                network = json.String();
            else if (json.Is("containerID"u8))
                containerId = json.String();
            else if (json.Is("ifname"u8))
                ifName = json.String();
            else if (json.Is("at"u8))
                at = json.Int64();
            else if (json.Is("mac"u8))
                link = link with { Mac = json.Mac() };
            else if (json.Is("promisc"u8))
                link = link with { Promiscuous = json.Boolean() };
            else if (json.Is("mtu"u8))
                link = link with { Mtu = json.Int32() };
            else if (json.Is("allmulti"u8))
                link = link with { AllMulticast = json.Boolean() };
            else if (json.Is("txQLen"u8))
                link = link with { TxQueueLength = json.Int32() };
            else if (json.Is("hostInterface"u8))
                hostName = json.String();
            else if (json.Is("hostMtu"u8))
                hostMtu = json.Int32();
            else if (json.Is("sysctl"u8))
                sysctls = ReadSysctls(ref json);
        }
        json.Finish();
        return new TuningRecord
        {
            Network = network,
            ContainerId = containerId,
            IfName = ifName,
            At = at,
            Link = link,
            HostEnd = hostMtu is { } mtu ? new HostEndRecord(hostName, mtu) : null,
            Sysctls = sysctls,
        };
    }

    /// <summary>The record as UTF-8.</summary>
    public byte[] Write() => JsonOutput.Write(json =>
    {
        json.WriteString("network"u8, Network);
        json.WriteString("containerID"u8, ContainerId);
        json.WriteString("ifname"u8, IfName);
        json.WriteNumber("at"u8, At);
        if (Link.Mac is { } mac)
            json.WriteString("mac"u8, mac.ToString());
        if (Link.Promiscuous is { } promiscuous)
            json.WriteBoolean("promisc"u8, promiscuous);
        if (Link.Mtu is { } mtu)
            json.WriteNumber("mtu"u8, mtu);
        if (Link.AllMulticast is { } allMulticast)
            json.WriteBoolean("allmulti"u8, allMulticast);
        if (Link.TxQueueLength is { } packets)
            json.WriteNumber("txQLen"u8, packets);
        if (HostEnd is { } hostEnd)
        {
            json.WriteString("hostInterface"u8, hostEnd.Name);
            json.WriteNumber("hostMtu"u8, hostEnd.Mtu);
        }
        json.WriteStartArray("sysctl"u8);
        foreach (SysctlRecord sysctl in Sysctls)
        {
            json.WriteStartObject();
            json.WriteString("path"u8, sysctl.Path);
            json.WriteString("found"u8, sysctl.Found);
            json.WriteString("set"u8, sysctl.Set);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static List<SysctlRecord> ReadSysctls(ref JsonCursor json)
    {
        List<SysctlRecord> list = [];
        json.EnterArray();
        while (json.NextElement())
        {
            string path = "", found = "", set = "";
            json.EnterObject();
            while (json.NextMember())
            {
                if (json.Is("path"u8))
                    path = json.String();
                else if (json.Is("found"u8))
                    found = json.String();
                else if (json.Is("set"u8))
                    set = json.String();
            }
            list.Add(new SysctlRecord(path, found, set));
        }
        return list;
    }
}
