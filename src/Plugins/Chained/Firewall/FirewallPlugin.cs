using Cni;
using Datapath.Attachments;
using Linux.Addresses;
using Netlink.Nftables;
using Netlink.Route;
using Plugins.Migration;

namespace Plugins.Chained.Firewall;

/// <summary>
/// <c>firewall</c>: lets pods' packets pass a host that drops what it forwards, and keeps pods apart. Keys and their meaning:
/// docs/firewall.md. What it makes is found again by <see cref="AttachmentTag"/>.
/// </summary>
public sealed class FirewallPlugin : ChainedPlugin
{
    /// <inheritdoc/>
    public override string Type => "firewall";

    /// <summary>Those that have CHECK, as the reference.</summary>
    public override IReadOnlyList<string> SupportedVersions => CniVersions.From("0.4.0");

    private protected override void Attach(CniInvocation call, CniResult result, UndoStack undo)
    {
        FirewallSettings settings = FirewallSettings.Read(call);
        FirewallSubject subject = FirewallSubject.Of(result, settings.Policy);
        if (subject.IsEmpty)
            return;
        using FirewalldSources? firewalld = FirewalldSources.TryOpen(settings, call);
        if (settings.NeedsFirewalld && firewalld is null)
            throw new CniException(CniErrorCode.TryAgainLater, $"{FirewalldSources.Absent}; start it, or remove the key backend");
        firewalld?.Validate(subject.Addresses);
        AttachmentTag tag = TagOf(call);
        using NftClient nft = NftClient.Open();
        foreach (LegacyForward legacy in LegacyForward.For(settings, subject))
            legacy.Ensure(() => FirewallRuleset.FindMark(nft));
        new PodFirewall(nft, tag).Add(settings, subject, undo);
        firewalld?.Add(subject.Addresses, call, undo);
        // A reload of firewalld has forgotten the network's other pods, too.
        firewalld?.Restore(
            PodFirewall.FindAddresses(nft, comment => AttachmentTag.IsOfNetwork(call.Network, comment) && !tag.IsIn(comment)), call);
    }

    /// <summary>Of the configuration nothing is looked at, since it may have changed since the ADD.</summary>
    public override void Del(CniInvocation call)
    {
        AttachmentTag tag = TagOf(call);
        FirewallSubject told = FirewallSubject.Told(call.ReadablePrevResult, tag);
        using NftClient nft = NftClient.Open();
        PodFirewall pod = new(nft, tag);
        BestEffortSteps cleanUp = new();
        // First, since the elements may be all that tells the addresses.
        cleanUp.Try(() => FirewalldSources.Remove(() => pod.FindLast(told), call));
        cleanUp.Try(() =>
        {
            if (!pod.Remove(told) && told.Addresses.Count > 0)
                RemoveReference(nft, told, call);
        });
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public override void Status(CniInvocation call)
    {
        FirewallSettings settings = FirewallSettings.Read(call);
        if (!settings.NeedsFirewalld)
            return;
        using FirewalldSources firewalld = FirewalldSources.TryOpen(settings, call)
            ?? throw new CniException(CniErrorCode.PluginNotAvailable, FirewalldSources.Absent);
    }

    /// <inheritdoc/>
    public override void Gc(CniInvocation call)
    {
        GcScope valid = new(call);
        using NftClient nft = NftClient.Open();
        using RouteClient host = RouteClient.Open();
        BestEffortSteps cleanUp = new();
        cleanUp.Try(() => RemoveAllBut(nft, valid));
        cleanUp.Try(() => IsolationRuleset.RemoveBridges(nft, name => host.FindLink(name) is not null));
        cleanUp.ThrowIfFailed();
    }

    private protected override void Compare(CniInvocation call, CniResult result)
    {
        FirewallSettings settings = FirewallSettings.Read(call);
        FirewallSubject subject = FirewallSubject.Of(result, settings.Policy);
        if (subject.IsEmpty)
            return;
        using NftClient nft = NftClient.Open();
        new PodFirewall(nft, TagOf(call)).Check(settings, subject);
        foreach (LegacyForward legacy in LegacyForward.For(settings, subject))
            legacy.Check();
        using FirewalldSources? firewalld = FirewalldSources.TryOpen(settings, call);
        if (settings.NeedsFirewalld && firewalld is null)
            throw CniException.CheckFailed(FirewalldSources.Absent);
        firewalld?.Check(subject.Addresses);
    }

    /// <summary>Removes what belongs to a network's attachments that are no longer valid.</summary>
    /// <exception cref="AggregateException">Not all could be removed.</exception>
    internal static void RemoveAllBut(NftClient nft, GcScope valid)
    {
        BestEffortSteps cleanUp = new();
        // First, since the elements are all that tells the addresses.
        cleanUp.Try(() => FirewalldSources.Remove(() => PodFirewall.FindLast(nft, valid.IsGarbage), valid.Call));
        cleanUp.Try(() => PodFirewall.RemoveWhere(nft, valid.IsGarbage));
        cleanUp.ThrowIfFailed();
    }

    /// <summary>Without elements of ours the reference may have made the attachment.</summary>
    private static void RemoveReference(NftClient nft, FirewallSubject told, CniInvocation call)
    {
        _ = ReferenceCleanup.Remove(nft, [.. ReferenceForwarding.Of(told.Addresses.Select(IpPrefix.Host))]);
        ReferenceCleanup.WarnOfLegacyTable(call, "filter");
    }

    private static AttachmentTag TagOf(CniInvocation call) => new(call);
}
