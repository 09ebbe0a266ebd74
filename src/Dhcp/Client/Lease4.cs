using System.Net;
using System.Numerics;
using Cni;
using Dhcp.Messages;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>An IPv4 address with what came along, as a server has acknowledged it.</summary>
internal sealed record Lease4
{
    private const uint DefaultLeaseSeconds = 3600;
    private static readonly (double, double) DefaultTimes = (0.5, 0.85);

    /// <summary>The acknowledgement itself: what a restarted daemon reads.</summary>
    public required DhcpMessage Message { get; init; }

    /// <summary>The station that sent it: the server, or the router before it.</summary>
    public required MacAddress ServerStation { get; init; }

    public required LeaseTimes Times { get; init; }

    public required IpPrefix Address { get; init; }

    /// <summary>The client's own MAC address.</summary>
    public MacAddress HardwareAddress => Message.HardwareAddress;

    /// <summary>The first router.</summary>
    public IPAddress? Gateway => Addresses(DhcpOption.Routers).FirstOrDefault(static router => !router.Equals(IPAddress.Any));

    public IReadOnlyList<IPAddress> NameServers => Addresses(DhcpOption.DomainNameServers);

    public string? Domain => Message.Options.GetValueOrDefault(DhcpOption.DomainName) is { } value ? DomainNames.ReadText(value) : null;

    public IReadOnlyList<string> Search => DomainNames.ReadList(Message.Options.GetValueOrDefault(DhcpOption.DomainSearch));

    /// <summary>Reads an acknowledgement.</summary>
    /// <param name="message">A DHCPACK.</param>
    /// <param name="serverStation">Who sent the frame.</param>
    /// <param name="since">When it came.</param>
    /// <param name="problem">Why it gives no lease; null if it does.</param>
    public static Lease4? TryRead(DhcpMessage message, MacAddress serverStation, TimeSpan since, out string? problem)
    {
        problem = message.Server is null ? "names no server (option 54)"
            : !IsUsable(message.YourAddress) ? $"gives the address {message.YourAddress}, which no interface can have"
            : MaskLength(message) is null ? "has no valid subnet mask (option 1)"
            : null;
        if (problem is not null)
            return null;
        return new Lease4
        {
            Message = message,
            ServerStation = serverStation,
            Address = new IpPrefix(message.YourAddress, MaskLength(message)!.Value),
            Times = LeaseTimes.From(
                since,
                message.SecondsOf(DhcpOption.LeaseTime) ?? DefaultLeaseSeconds,
                message.SecondsOf(DhcpOption.RenewalTime),
                message.SecondsOf(DhcpOption.RebindingTime),
                DefaultTimes),
        };
    }

    /// <summary>Whether an interface can have an address: neither 0/8, loopback, multicast nor beyond.</summary>
    public static bool IsUsable(IPAddress address)
    {
        byte first = (byte)(address.ToUInt128() >> 24);
        return first is > 0 and < 224 and not 127;
    }

    /// <summary>Option 121 where it is there, else option 33 and the default route through the first router.</summary>
    /// <param name="priority">The metric of every route; null for the kernel's.</param>
    public List<CniRoute> Routes(int? priority)
    {
        List<CniRoute>? routes = Message.Options.GetValueOrDefault(DhcpOption.ClasslessRoutes) is { Length: > 0 } classless
            ? RouteOptions.ReadClassless(classless)
            : null;
        if (routes is null)
        {
            routes = RouteOptions.ReadClassful(Message.Options.GetValueOrDefault(DhcpOption.StaticRoutes));
            if (Gateway is { } gateway)
                routes.Add(new CniRoute { Destination = new IpPrefix(IPAddress.Any, 0), Gateway = gateway });
        }
        return routes.ConvertAll(route => route with { Priority = priority });
    }

    private static int? MaskLength(DhcpMessage message)
    {
        if (message.Address(DhcpOption.SubnetMask) is not { } mask)
            return null;
        uint bits = (uint)mask.ToUInt128();
        int length = BitOperations.LeadingZeroCount(~bits);
        return length > 0 && BitOperations.PopCount(bits) == length ? length : null;
    }

    private List<IPAddress> Addresses(byte option)
    {
        List<IPAddress> addresses = [];
        for (ReadOnlySpan<byte> value = Message.Options.GetValueOrDefault(option); value.Length >= 4; value = value[4..])
            addresses.Add(new IPAddress(value[..4]));
        return addresses;
    }
}
