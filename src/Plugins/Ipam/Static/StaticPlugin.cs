using Cni;
using Linux.Addresses;

namespace Plugins.Ipam.Static;

/// <summary>
/// <c>static</c>: gives the addresses that stand in the configuration, or that the caller names. It keeps no record, so two pods with
/// one address are the caller's concern.
/// </summary>
internal sealed class StaticPlugin : IIpamPlugin
{
    /// <summary>The name under which configurations ask for it.</summary>
    public const string TypeName = "static";

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public bool MayComeFirst => true;

    /// <summary>It serves virtual machines, too.</summary>
    public bool NeedsNetNS => false;

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call)
    {
        StaticSettings settings = StaticSettings.Read(call);
        if (settings.Addresses.Count == 0)
        {
            throw CniException.InvalidConfig(
                "static has no address to give: set ipam.addresses, or let the caller name some by CNI_ARGS IP, args.cni.ips or "
                + "runtimeConfig.ips");
        }
        CniResult result = new() { Dns = settings.Dns };
        result.Ips.AddRange(settings.Addresses);
        result.Routes.AddRange(settings.Routes);
        return result;
    }

    /// <summary>There is nothing to give back.</summary>
    public void Del(CniInvocation call)
    {
    }

    /// <inheritdoc/>
    public void Check(CniInvocation call)
    {
        CniResult result = call.RequiredPrevResult;
        foreach (CniIp expected in StaticSettings.Read(call).Addresses)
        {
            CniIp found = result.Ips.Find(ip => ip.Address == expected.Address)
                ?? throw CniException.CheckFailed($"prevResult.ips lacks {expected.Address}, which static gives");
            if (expected.Gateway is { } gateway && !gateway.Equals(found.Gateway))
            {
                string other = found.Gateway is null ? "none" : IpText.Format(found.Gateway);
                throw CniException.CheckFailed(
                    $"prevResult.ips has the gateway {other} for {expected.Address}, and static gives {IpText.Format(gateway)}");
            }
        }
    }

    /// <summary>A configuration without addresses is fine: a runtime may name them at ADD.</summary>
    public void Status(CniInvocation call) => _ = StaticSettings.Read(call);

    /// <summary>There is nothing to collect.</summary>
    public void Gc(CniInvocation call)
    {
    }
}
