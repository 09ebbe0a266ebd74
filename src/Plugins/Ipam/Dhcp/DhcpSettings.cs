using System.Globalization;
using System.Text;
using Cni;
using Dhcp.Daemon;

namespace Plugins.Ipam.Dhcp;

/// <summary>A <c>dhcp</c> configuration that has been found good.</summary>
/// <param name="SocketPath">Where the daemon listens.</param>
/// <param name="Request">What is asked of it.</param>
internal sealed record DhcpSettings(string SocketPath, LeaseRequest Request)
{
    // Classless routes first, as RFC 3442 wants: a server may stop where its message is full.
    private static readonly byte[] s_defaultRequest = [1, 121, 3, 33, 6, 15, 119];

    /// <summary>
    /// Only where the daemon is and which attachment is meant: all that DEL, GC and STATUS need, and all that may stop them.
    /// </summary>
    /// <exception cref="CniException">A value has the wrong type.</exception>
    public static DhcpSettings ReadKey(CniInvocation call) => new(
        PathOf(IpamSection.ReadString(call.Config(), "daemonSocketPath"u8)),
        new LeaseRequest
        {
            Network = call.Network,
            ContainerId = call.ContainerId,
            IfName = call.IfName,
            NetNS = "",
            IPv4 = true,
            IPv6 = false,
        });

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="CniException">A value is wrong; the message names its key.</exception>
    public static DhcpSettings Read(CniInvocation call)
    {
        DhcpConfig config = DhcpConfig.Read(call.Config());
        if (!config.HasSection)
            throw CniException.InvalidConfig("ipam is missing: dhcp needs a section, at least {\"type\": \"dhcp\"}");
        if (!config.IPv4 && !config.IPv6)
        {
            throw CniException.InvalidConfig(
                "ipam.ipv4 and ipam.ipv6 are both false, which leaves no address to ask for; set one of them to true");
        }
        if (config.Priority is < 0)
            throw CniException.InvalidConfig($"ipam.priority is {config.Priority}; a metric is not negative");
        return new DhcpSettings(PathOf(config.DaemonSocketPath), new LeaseRequest
        {
            Network = call.Network,
            ContainerId = call.ContainerId,
            IfName = call.IfName,
            NetNS = Path.GetFullPath(call.NetNS),
            IPv4 = config.IPv4,
            IPv6 = config.IPv6,
            Priority = config.Priority,
            Options = ReadProvided(call, config.Provide),
            RequestedOptions = ReadRequested(config.Request),
        });
    }

    private static string PathOf(string path) => path.Length > 0 ? path : DaemonClient.DefaultSocketPath;

    private static Dictionary<byte, byte[]> ReadProvided(CniInvocation call, IReadOnlyList<ProvidedOptionConfig> entries)
    {
        Dictionary<byte, byte[]> options = [];
        foreach ((int index, ProvidedOptionConfig entry) in entries.Index())
        {
            string key = $"ipam.provide[{index}]";
            byte code = ReadOption($"{key}.option", entry.Option);
            string? text = entry.Value.Length > 0 ? entry.Value : entry.FromArg.Length > 0 ? call.Args.Find(entry.FromArg) : null;
            // A runtime need not give every argument.
            if (text is null)
                continue;
            byte[] value = Encoding.UTF8.GetBytes(text);
            if (value.Length > byte.MaxValue)
            {
                throw CniException.InvalidConfig(
                    $"{key}.{(entry.Value.Length > 0 ? "value" : "fromArg")} is {value.Length} bytes long, and an option holds 255");
            }
            options[code] = value;
        }
        return options;
    }

    private static byte[] ReadRequested(IReadOnlyList<RequestedOptionConfig> entries)
    {
        List<byte> codes = [.. entries.Any(static entry => entry.SkipDefault) ? [] : s_defaultRequest];
        foreach ((int index, RequestedOptionConfig entry) in entries.Index())
        {
            // An entry may say skipDefault and nothing else.
            if (entry.Option.Length > 0)
                codes.Add(ReadOption($"ipam.request[{index}].option", entry.Option));
        }
        return [.. codes.Distinct()];
    }

    /// <summary>An option by its name (dhcp-options(5)) or number.</summary>
    private static byte ReadOption(string key, string text) => text switch
    {
        "subnet-mask" => 1,
        "routers" => 3,
        "host-name" => 12,
        "vendor-class-identifier" => 60,
        "dhcp-client-identifier" => 61,
        "user-class" => 77,
        _ => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte code)
            ? code
            : throw CniException.InvalidConfig(
                $"{key} is \"{text}\", expected a number from 0 to 255 or one of subnet-mask, routers, host-name, vendor-class-identifier, "
                + "dhcp-client-identifier, user-class"),
    };
}
