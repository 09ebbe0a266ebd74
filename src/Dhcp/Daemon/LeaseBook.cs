using System.Net;
using Dhcp.Client;

namespace Dhcp.Daemon;

/// <summary>All attachments that the daemon knows, in memory and on disk.</summary>
/// <param name="directory">The files.</param>
/// <param name="boot">The kernel's boot ID.</param>
/// <param name="log">Where it says something to the operator.</param>
internal sealed class LeaseBook(LeaseDirectory directory, string boot, Action<string> log)
{
    private readonly Dictionary<LeaseKey, LeaseHolder> _holders = [];
    private readonly Dictionary<LeaseKey, StoredLease> _ofOtherBoots = [];

    /// <summary>Takes up what an earlier daemon has left. Of another boot only the addresses count: they are asked for again.</summary>
    public void Load(ClientEnvironment environment)
    {
        foreach (StoredLease stored in directory.ReadAll(log))
        {
            if (stored.Boot != boot)
            {
                _ofOtherBoots[stored.Request.Key] = stored;
                continue;
            }
            LeaseHolder holder = new(stored.Request, environment, this);
            _holders[stored.Request.Key] = holder;
            holder.Resume(stored);
            if (stored.IsReleasing)
                holder.Release("an earlier daemon has begun to give it back");
        }
    }

    public LeaseHolder? Find(LeaseKey key) => _holders.GetValueOrDefault(key);

    /// <summary>All holders of a network; a copy, since to release one takes it out.</summary>
    public List<LeaseHolder> Of(string network) => [.. _holders.Values.Where(holder => holder.Request.Network == network)];

    /// <summary>Every holder.</summary>
    public IReadOnlyCollection<LeaseHolder> All => _holders.Values;

    /// <summary>Puts a holder in, in the place of one of the same key.</summary>
    /// <returns>The addresses of former leases of the key.</returns>
    public (IPAddress? IPv4, IPAddress? IPv6) Put(LeaseHolder holder)
    {
        LeaseKey key = holder.Request.Key;
        (IPAddress?, IPAddress?) former = default;
        if (_ofOtherBoots.Remove(key, out StoredLease? stored))
            former = (stored.IPv4?.Address.Address, stored.IPv6?.Address.Address);
        if (_holders.TryGetValue(key, out LeaseHolder? old))
        {
            former = old.Addresses;
            old.Stop();
        }
        _holders[key] = holder;
        return former;
    }

    /// <summary>Writes a holder down.</summary>
    /// <param name="holder">The holder.</param>
    /// <param name="isReleasing">Whether its addresses are to be given back, by another daemon if this one does not come to it.</param>
    public void Save(LeaseHolder holder, bool isReleasing = false)
    {
        // The file is that of the key, so of whoever stands for it now.
        if (Find(holder.Request.Key) == holder)
            directory.Save(holder.ToStored(boot) with { IsReleasing = isReleasing });
    }

    /// <summary>Forgets a holder; one that another has replaced is forgotten already.</summary>
    public void Remove(LeaseHolder holder)
    {
        if (Find(holder.Request.Key) != holder)
            return;
        _ = _holders.Remove(holder.Request.Key);
        directory.Delete(holder.Request.Key);
    }

    /// <summary>Forgets the leases of other boots that a network's GC does not spare.</summary>
    public void ForgetOtherBoots(Func<LeaseKey, bool> isGarbage)
    {
        foreach (LeaseKey key in _ofOtherBoots.Keys.Where(isGarbage).ToList())
        {
            _ = _ofOtherBoots.Remove(key);
            directory.Delete(key);
        }
    }

    public void Log(string message) => log(message);
}
