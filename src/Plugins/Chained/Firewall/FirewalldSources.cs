using System.Net;
using Cni;
using Datapath.Attachments;
using Datapath.Firewalld;

namespace Plugins.Chained.Firewall;

/// <summary>Pods' addresses as sources of one of firewalld's zones, which forwards nothing of anybody else.</summary>
internal sealed class FirewalldSources : IDisposable
{
    /// <summary>What to say where it is needed and does not run.</summary>
    public const string Absent =
        $"backend is \"firewalld\", but firewalld does not run (nobody has the D-Bus name {FirewalldClient.BusName})";

    private readonly FirewalldClient _firewalld;
    private readonly string _zone;

    private FirewalldSources(FirewalldClient firewalld, string zone) => (_firewalld, _zone) = (firewalld, zone);

    /// <summary>Opens the zone of a configuration.</summary>
    /// <returns>Null if the configuration wants none, or firewalld does not run.</returns>
    /// <exception cref="CniException">The configuration names firewalld, and the D-Bus system bus is there and cannot be used.</exception>
    public static FirewalldSources? TryOpen(FirewallSettings settings, CniInvocation call)
    {
        if (!settings.UsesFirewalld)
            return null;
        FirewalldClient? firewalld = settings.NeedsFirewalld ? FirewalldClient.TryConnect(call) : TryConnect(call);
        return firewalld is null ? null : new FirewalldSources(firewalld, settings.FirewalldZone);
    }

    /// <summary>
    /// Finds out whether addresses can be added, before anything is changed. It also waits for a firewalld that is just starting, which
    /// flushes the tables of iptables.
    /// </summary>
    /// <exception cref="CniException">There is no such zone.</exception>
    public void Validate(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count > 0)
            _ = _firewalld.HasSource(_zone, addresses[0]);
    }

    /// <summary>Adds a pod's addresses.</summary>
    /// <exception cref="CniException">firewalld refused.</exception>
    public void Add(IReadOnlyList<IPAddress> addresses, CniInvocation call, UndoStack undo)
    {
        foreach (IPAddress address in addresses)
        {
            if (_firewalld.AddSource(_zone, address))
                undo.Push($"remove firewalld source {FirewalldClient.SourceOf(address)}", () => Remove(() => [address], call));
        }
    }

    /// <summary>
    /// Adds the addresses of other pods again if firewalld was reloaded: then the first of them is missing, too. An address that cannot be
    /// added is a warning, since it is not that of the call.
    /// </summary>
    public void Restore(IReadOnlyList<IPAddress> others, CniInvocation call)
    {
        if (others.Count == 0 || _firewalld.HasSource(_zone, others[0]))
            return;
        foreach (IPAddress address in others)
        {
            try
            {
                _ = _firewalld.AddSource(_zone, address);
            }
            catch (CniException e)
            {
                call.Warn(e.Message);
            }
        }
    }

    /// <summary>Finds out whether a pod's addresses are sources.</summary>
    /// <exception cref="CniException"><see cref="CniErrorCode.CheckFailed"/>: one is not.</exception>
    public void Check(IReadOnlyList<IPAddress> addresses)
    {
        foreach (IPAddress address in addresses)
        {
            if (!_firewalld.HasSource(_zone, address))
            {
                throw CniException.CheckFailed(
                    $"firewalld's zone {_zone} has no source {FirewalldClient.SourceOf(address)}; a reload of firewalld forgets it, and "
                    + "the network's next ADD restores it");
            }
        }
    }

    /// <summary>Removes addresses, whatever the configuration says now: it may have been another one at ADD.</summary>
    /// <param name="find">Finds them; not asked where firewalld does not run.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="CniException">firewalld refused.</exception>
    public static void Remove(Func<IReadOnlyList<IPAddress>> find, CniInvocation call)
    {
        using FirewalldClient? firewalld = TryConnect(call);
        if (firewalld is null)
            return;
        BestEffortSteps cleanUp = new();
        foreach (IPAddress address in find())
            cleanUp.Try(() => firewalld.RemoveSource(address));
        cleanUp.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public void Dispose() => _firewalld.Dispose();

    /// <summary>
    /// Where nobody has said that firewalld runs, a bus that cannot be used is no reason to fail: on most hosts nothing depends on it.
    /// </summary>
    private static FirewalldClient? TryConnect(CniInvocation call)
    {
        try
        {
            return FirewalldClient.TryConnect(call);
        }
        catch (CniException e)
        {
            call.Warn($"whether firewalld runs is unknown: {e.Message}");
            return null;
        }
    }
}
