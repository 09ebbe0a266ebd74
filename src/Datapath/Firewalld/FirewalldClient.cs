using System.Net;
using Cni;
using Linux.Addresses;

namespace Datapath.Firewalld;

/// <summary>
/// firewalld, where it runs: pods' addresses as sources of a zone (firewalld.dbus(5), org.fedoraproject.FirewallD1.zone). They are part of
/// its runtime configuration only, so a reload forgets them.
/// </summary>
public sealed class FirewalldClient : IDisposable
{
    /// <summary>The name that firewalld has on the bus.</summary>
    public const string BusName = "org.fedoraproject.FirewallD1";

    private const string ObjectPath = "/org/fedoraproject/FirewallD1";
    private const string ZoneInterface = "org.fedoraproject.FirewallD1.zone";

    private readonly SystemBus _bus;

    private FirewalldClient(SystemBus bus) => _bus = bus;

    /// <summary>Connects to it.</summary>
    /// <param name="call">Whose environment may name another bus.</param>
    /// <returns>Null if it does not run.</returns>
    /// <exception cref="CniException">The bus is there and cannot be used.</exception>
    public static FirewalldClient? TryConnect(CniInvocation call)
    {
        SystemBus? bus = call.Variable(SystemBus.AddressVariable) is { Length: > 0 } addresses
            ? SystemBus.TryConnectTo(addresses)
            : SystemBus.TryConnect();
        try
        {
            if (bus?.HasOwner(BusName) == true)
                return new FirewalldClient(bus);
        }
        catch
        {
            bus?.Dispose();
            throw;
        }
        bus?.Dispose();
        return null;
    }

    /// <summary>Makes an address a source of a zone.</summary>
    /// <returns>Whether it was none.</returns>
    /// <exception cref="CniException">firewalld refused: there is no such zone, or the address is a source of another one.</exception>
    public bool AddSource(string zone, IPAddress address) => TryCall("addSource", out _, zone, SourceOf(address)) switch
    {
        null => true,
        { } problem when Is(problem, "ZONE_ALREADY_SET") => false,
        { } problem => throw Refused($"add source {SourceOf(address)} to zone {zone}", problem),
    };

    /// <summary>Removes an address from the zone that has it; fine if none has.</summary>
    /// <exception cref="CniException">firewalld refused.</exception>
    public void RemoveSource(IPAddress address)
    {
        // An empty name means whichever zone has it: the configuration may have another zone than at ADD.
        if (TryCall("removeSource", out _, "", SourceOf(address)) is { } problem && !Is(problem, "UNKNOWN_SOURCE"))
            throw Refused($"remove source {SourceOf(address)}", problem);
    }

    /// <summary>Whether an address is a source of a zone.</summary>
    /// <exception cref="CniException">firewalld refused: there is no such zone.</exception>
    public bool HasSource(string zone, IPAddress address) =>
        TryCall("querySource", out byte[] answer, zone, SourceOf(address)) is { } problem
        ? throw Refused($"query source {SourceOf(address)} of zone {zone}", problem)
        : SystemBus.ReadBoolean(answer);

    /// <inheritdoc/>
    public void Dispose() => _bus.Dispose();

    /// <summary>The text of a source that is one address.</summary>
    public static string SourceOf(IPAddress address) => IpPrefix.Host(address).ToString();

    /// <returns>What is wrong; null if nothing is.</returns>
    private string? TryCall(string member, out byte[] answer, string zone, string source)
    {
        try
        {
            answer = _bus.Call(BusName, ObjectPath, ZoneInterface, member, zone, source);
            return null;
        }
        catch (SystemBusException e)
        {
            answer = [];
            return e.Message;
        }
    }

    // firewalld puts a code of its own in front of the words: "ZONE_CONFLICT: '10.1.0.5/32' already bound to a zone".
    private static bool Is(string problem, string code) =>
        problem.StartsWith(code, StringComparison.Ordinal) && (problem.Length == code.Length || problem[code.Length] == ':');

    private static CniException Refused(string operation, string problem) =>
        CniException.InvalidConfig(
            $"firewalld: {operation}: {problem}; firewalldZone names a zone that firewalld has, and no other zone may have the address");
}
