using System.Net;
using Linux.Addresses;

namespace Ipam.Store;

/// <summary>Chooses addresses: round robin per range set, requested ones first, dead holders reclaimed when nothing is left.</summary>
/// <param name="pool">The pool that addresses are taken from.</param>
/// <param name="evidence">Who is still there.</param>
/// <param name="drop">Removes a lease whose holder is dead.</param>
internal sealed class Allocator(LeasePool pool, ILeaseEvidence evidence, Action<Lease> drop)
{
    /// <summary>Gives one address of each range set, in their order, and records them as one lease.</summary>
    public IReadOnlyList<Allocation> Allocate(LeaseKey key, string netns, IReadOnlyList<RangeSet> sets, IReadOnlyList<IPAddress> requested)
    {
        IPAddress?[] wanted = Assign(requested, sets);
        ReclaimOwn(key);
        Allocation[] allocations = new Allocation[sets.Count];
        foreach ((int i, RangeSet set) in sets.Index())
        {
            IPAddress address = wanted[i] is { } ip ? TakeRequested(ip) : TakeNext(set, i);
            IpRange range = set.Find(address)!;
            allocations[i] = new Allocation(i, range.Subnet with { Address = address }, range.Gateway);
        }
        pool.Add(LeaseOf(key, netns, evidence.Origin, allocations));
        return allocations;
    }

    /// <summary>What is recorded of addresses that are given now.</summary>
    public static Lease LeaseOf(LeaseKey key, string netns, LeaseOrigin origin, IEnumerable<Allocation> allocations) => new()
    {
        Key = key,
        NetNS = netns,
        Origin = origin,
        CreatedAt = DateTimeOffset.UtcNow,
        Addresses = [.. allocations.Select(static allocation => new LeasedAddress(allocation.RangeSet, allocation.Address.Address))],
    };

    /// <summary>
    /// What the next ADDs will get, up to the last address of each range set; then it starts from the front, where addresses may be free by
    /// then.
    /// </summary>
    public AddressPlan Plan(IReadOnlyList<RangeSet> sets) =>
        new(AddressPlan.Describe(sets), [.. sets.Select(set => new PlannedSet(set.Family, pool.FindMark(set), PlanNext(set)))]);

    /// <summary>The requested address of each range set, or null: every request must be met.</summary>
    private static IPAddress?[] Assign(IReadOnlyList<IPAddress> requested, IReadOnlyList<RangeSet> sets)
    {
        IPAddress?[] wanted = new IPAddress?[sets.Count];
        foreach (IPAddress address in requested.Distinct())
        {
            int i = sets.Index().Where(set => set.Item.Contains(address)).Select(set => set.Index).FirstOrDefault(-1);
            if (i < 0)
                throw new IpamException(
                    IpamErrorKind.AddressNotInRange,
                    $"requested address {IpText.Format(address)} is in none of the ranges {string.Join("; ", sets)}")
                { Address = address };
            if (sets[i].IsGateway(address.ToUInt128()))
                throw new IpamException(
                    IpamErrorKind.AddressIsGateway, $"requested address {IpText.Format(address)} is the gateway of range set {i}")
                { Address = address };
            if (wanted[i] is { } other)
                throw new IpamException(
                    IpamErrorKind.InvalidRequest,
                    $"requested addresses {IpText.Format(other)} and {IpText.Format(address)} are both of range set {i}, which gives one")
                { Address = address };
            wanted[i] = address;
        }
        return wanted;
    }

    private void ReclaimOwn(LeaseKey key)
    {
        foreach (Lease lease in pool.LeasesOf(key.ContainerId))
        {
            if (lease.Key != key && lease.Key.IfName.Length > 0)
                continue;
            if (evidence.Probe(lease) != Liveness.Dead)
                throw new IpamException(
                    IpamErrorKind.DuplicateAllocation,
                    $"{string.Join(", ", lease.Addresses.Select(leased => IpText.Format(leased.Address)))} has been allocated to "
                    + $"{lease.Key}, "
                    + "which is not known to be gone: delete that attachment first")
                { Holder = lease.Key };
            Reclaim(lease);
        }
    }

    private IPAddress TakeRequested(IPAddress address)
    {
        if (!pool.IsHeld(address))
            return address;
        Lease holder = pool.AllLeases().FirstOrDefault(lease => lease.Addresses.Any(leased => leased.Address.Equals(address)))
            ?? throw new StoreDamagedException($"{IpText.Format(address)} is held by nobody");
        if (evidence.Probe(holder) != Liveness.Dead)
            throw new IpamException(
                IpamErrorKind.AddressTaken, $"requested address {IpText.Format(address)} is not available: {holder.Key} holds it")
            { Address = address, Holder = holder.Key };
        Reclaim(holder);
        return address;
    }

    private IPAddress TakeNext(RangeSet set, int number)
    {
        UInt128? next = FindNext(set);
        if (next is null)
        {
            DropDead(set);
            next = FindNext(set) ?? throw new IpamException(
                IpamErrorKind.RangeExhausted,
                $"no IP addresses available in range set {number} ({set}): {pool.CountHeld(set)} of {set.Capacity} are held, none by an "
                + "attachment "
                + "that is known to be gone");
        }
        pool.Mark(set, next.Value);
        return IpText.FromUInt128(next.Value, set.Family);
    }

    private void DropDead(RangeSet set)
    {
        Lease[] dead =
        [
            .. pool.AllLeases()
                .Where(lease => lease.Addresses.Any(leased => set.Contains(leased.Address)) && evidence.Probe(lease) == Liveness.Dead),
        ];
        Reclaim(dead);
    }

    /// <summary>The addresses are free only when nothing else of their holders is left.</summary>
    private void Reclaim(params Lease[] dead)
    {
        if (dead.Length == 0)
            return;
        evidence.Reclaim(dead);
        foreach (Lease lease in dead)
            drop(lease);
    }

    /// <summary>
    /// The next free address behind the last one given, over all ranges and back to where it began. A pool that does not know the
    /// last one goes on behind the highest that is held: a call that was cut off when the store was lost may be about to use the next
    /// ones below.
    /// </summary>
    private UInt128? FindNext(RangeSet set)
    {
        if ((pool.FindMark(set) ?? pool.FindLastHeld(set)) is not { } last)
            return FindFirst(set, set.Ranges.Select(range => (range.First, range.Last)));
        int at = IndexOf(set, last);
        IpRange current = set.Ranges[at];
        return FindBehind(set, last)
            ?? FindFirst(set, set.Ranges.Take(at).Select(range => (range.First, range.Last)))
            ?? FindFirst(set, [(current.First, last)]);
    }

    private List<UInt128> PlanNext(RangeSet set)
    {
        List<UInt128> next = [];
        for (UInt128? last = pool.FindMark(set); next.Count < AddressPlan.MaxLength && last is { } address;)
        {
            last = FindBehind(set, address);
            if (last is { } free)
                next.Add(free);
        }
        return next;
    }

    private static int IndexOf(RangeSet set, UInt128 address) => set.Ranges.Index().First(range => range.Item.Contains(address)).Index;

    /// <summary>The next free address up to the last one of the set.</summary>
    private UInt128? FindBehind(RangeSet set, UInt128 last)
    {
        int at = IndexOf(set, last);
        IpRange current = set.Ranges[at];
        return FindFirst(set, last == current.Last ? [] : [(last + 1, current.Last)])
            ?? FindFirst(set, set.Ranges.Skip(at + 1).Select(range => (range.First, range.Last)));
    }

    private UInt128? FindFirst(RangeSet set, IEnumerable<(UInt128 From, UInt128 To)> parts)
    {
        foreach ((UInt128 start, UInt128 end) in parts)
        {
            for (UInt128 from = start; pool.FindFree(set.Family, from, end) is { } free; from = free + 1)
            {
                if (!set.IsGateway(free))
                    return free;
                if (free == end)
                    break;
            }
        }
        return null;
    }
}
