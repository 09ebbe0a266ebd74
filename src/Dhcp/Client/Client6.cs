using System.Buffers.Binary;
using System.Net;
using Cni;
using Dhcp.Messages;
using Linux;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>
/// The DHCPv6 client of one attachment (RFC 8415, 18.2): one address by IA_NA. Like <see cref="Client4"/> it never waits, and holds no
/// interface open while no answer is awaited.
/// </summary>
/// <param name="request">Whose client it is.</param>
/// <param name="environment">What all clients share.</param>
/// <param name="owner">Hears what becomes of it.</param>
internal sealed class Client6(LeaseRequest request, ClientEnvironment environment, ILeaseOwner owner)
{
    /// <summary>The IAID. The DUID is the attachment's own, so that one number serves all of them.</summary>
    internal const uint Association = 1;

    private readonly TimerQueue _timers = environment.Timers;
    private ILink6? _link;
    private Exchange? _exchange;
    private TimerQueue.Timer? _step;
    private Action<Dhcp6Message>? _awaited;
    private uint _transaction;
    private TimeSpan _deadline;
    private RetryDelays _delays = new(environment.Timeouts.ResendMax);

    /// <summary>What is held, or was until it expired; null as long as nothing was found.</summary>
    public Lease6? Lease { get; private set; }

    /// <summary>The interface's MAC address; set with the lease.</summary>
    public MacAddress? HardwareAddress { get; private set; }

    /// <summary>Whether the lease can be used now.</summary>
    public bool IsBound => Lease is { } lease && _timers.Now < lease.Times.Expiry;

    /// <summary>Begins to seek an address.</summary>
    /// <param name="wanted">The address of a former lease; null for any.</param>
    public void Acquire(IPAddress? wanted)
    {
        _deadline = _timers.Now + environment.Timeouts.ResendTimeout;
        BeginRound(wanted);
    }

    /// <summary>Goes on with a lease that an earlier daemon has left.</summary>
    public void Resume(Lease6 lease, MacAddress mac)
    {
        (Lease, HardwareAddress) = (lease, mac);
        _step = _timers.At(lease.Times.Renew, Renew);
    }

    /// <summary>Gives the address back, as far as the interface still lets it be told.</summary>
    public void Release()
    {
        Stop();
        if (!IsBound || Lease is not { } lease || HardwareAddress is not { } mac)
            return;
        try
        {
            environment.Links.Withdraw(request, mac, lease.Address);
            using ILink6 link = environment.Links.Open6(request, mac, static _ => { });
            link.Send(Write(Dhcp6MessageType.Release, TimeSpan.Zero, lease.Server, lease.Address.Address));
        }
        catch (LinkGoneException)
        {
            // The server takes the address back when the lease expires.
        }
    }

    /// <summary>Does nothing any more, and lets the interface go.</summary>
    public void Stop()
    {
        _exchange?.Cancel();
        _step?.Cancel();
        _link?.Dispose();
        _link = null;
    }

    private void BeginRound(IPAddress? wanted)
    {
        try
        {
            OpenLink();
            Ask(Dhcp6MessageType.Solicit, Left(environment.Timeouts.Exchange), server: null, wanted, answer =>
            {
                // The first that has an address: to wait for a better one (18.2.9) would cost every pod a second.
                if (answer.Type == Dhcp6MessageType.Advertise && Read(answer) is { } offer)
                    Select(offer);
            },
            timedOut: () => EndRound("no DHCPv6 server has offered an address"));
        }
        catch (LinkGoneException e)
        {
            Stop();
            if (Lease is null)
                owner.AcquisitionFailed(e);
            else
                owner.LinkGone(e.Message);
        }
        catch (Exception e) when (e is LinuxException or Netlink.NetlinkException)
        {
            EndRound(e.Message);
        }
    }

    private void Select(Lease6 offer) => Ask(
        Dhcp6MessageType.Request,
        Left(environment.Timeouts.Exchange),
        offer.Server,
        offer.Address.Address,
        answer =>
        {
            if (answer.Type != Dhcp6MessageType.Reply)
                return;
            if (Read(answer) is { } lease)
                Take(lease);
            else
                EndRound($"the DHCPv6 server has refused the address {offer.Address.Address} that it had offered");
        },
        timedOut: () => EndRound($"the DHCPv6 server has not confirmed the address {offer.Address.Address}"));

    private void Take(Lease6 lease)
    {
        HardwareAddress = _link!.HardwareAddress;
        Stop();
        Lease6? old = Lease;
        Lease = lease;
        _delays = new RetryDelays(environment.Timeouts.ResendMax);
        _step = _timers.At(lease.Times.Renew, Renew);
        owner.LeaseChanged();
        if (old is not null && old.Address != lease.Address)
        {
            Try(() =>
                environment.Links.Replace(
                    request, HardwareAddress.Value, new Addressing(old.Address, []), new Addressing(lease.Address, [])));
        }
    }

    /// <summary>T1 has come, or T2: the server that gave the lease is asked, then all are.</summary>
    private void Renew()
    {
        Stop();
        Lease6 lease = Lease!;
        if (_timers.Now >= lease.Times.Expiry)
        {
            owner.LeaseExpired();
            return;
        }
        bool rebinding = _timers.Now >= lease.Times.Rebind;
        TimeSpan end = rebinding ? lease.Times.Expiry : lease.Times.Rebind;
        _step = _timers.At(end, Renew);
        try
        {
            OpenLink();
            TimeSpan limit = TimeSpan.FromTicks(Math.Min((end - _timers.Now).Ticks, environment.Timeouts.Exchange.Ticks));
            Ask(
                rebinding ? Dhcp6MessageType.Rebind : Dhcp6MessageType.Renew,
                limit,
                rebinding ? null : lease.Server,
                lease.Address.Address,
                Renewed,
                () => Pause(end));
        }
        catch (LinkGoneException e)
        {
            Stop();
            owner.LinkGone(e.Message);
        }
        catch (Exception e) when (e is LinuxException or Netlink.NetlinkException)
        {
            owner.Log($"{request.Key}: renewal: {e.Message}");
        }
    }

    /// <summary>Nobody has answered: the interface is let go, and the next attempt comes after half of what is left.</summary>
    private void Pause(TimeSpan end)
    {
        Stop();
        TimeSpan now = _timers.Now;
        _step = _timers.At(
            now + TimeSpan.FromTicks(Math.Max((end - now).Ticks / 2, Math.Min((end - now).Ticks, TimeSpan.TicksPerSecond))), Renew);
    }

    private void Renewed(Dhcp6Message answer)
    {
        if (answer.Type != Dhcp6MessageType.Reply)
            return;
        if (Read(answer) is { } lease)
        {
            Take(lease);
            return;
        }
        owner.Log($"{request.Key}: the DHCPv6 server does not renew {Lease!.Address.Address}");
        Stop();
        _deadline = Lease.Times.Expiry;
        BeginRound(wanted: null);
    }

    private void EndRound(string reason)
    {
        Stop();
        TimeSpan pause = _delays.Next();
        if (_timers.Now + pause < _deadline)
            _step = _timers.After(pause, () => BeginRound(wanted: null));
        else if (Lease is { } lease)
            _step = _timers.At(lease.Times.Expiry, owner.LeaseExpired);
        else
        {
            owner.AcquisitionFailed(
                new CniException(CniErrorCode.TryAgainLater, "no more tries", $"{request.IfName} of {request.Key}: {reason}"));
        }
    }

    private Lease6? Read(Dhcp6Message answer) => Lease6.TryRead(answer, Association, _timers.Now);

    private void Ask(
        Dhcp6MessageType type, TimeSpan limit, byte[]? server, IPAddress? address, Action<Dhcp6Message> answered, Action timedOut)
    {
        _exchange?.Cancel();
        _transaction = (uint)Random.Shared.Next(1 << Dhcp6Message.TransactionBits);
        _awaited = answered;
        ILink6 link = _link!;
        _exchange = new Exchange(_timers, elapsed => Try(() => link.Send(Write(type, elapsed, server, address))));
        _exchange.Start(limit, timedOut);
    }

    private Dhcp6Message Write(Dhcp6MessageType type, TimeSpan elapsed, byte[]? server, IPAddress? address)
    {
        // In hundredths of a second (21.9).
        byte[] time = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(time, (ushort)Math.Min(elapsed.TotalMilliseconds / 10, ushort.MaxValue));
        Dhcp6Options options = new Dhcp6Options().Add(Dhcp6Option.ClientId, request.UniqueId);
        if (server is not null)
            _ = options.Add(Dhcp6Option.ServerId, server);
        _ = options
            .Add(Dhcp6Option.ElapsedTime, time)
            .Add(Dhcp6Option.IdentityAssociation, IdentityAssociation.Write(Association, address))
            .Add(Dhcp6Option.OptionRequest, [0, (byte)Dhcp6Option.NameServers, 0, (byte)Dhcp6Option.DomainSearch]);
        return new Dhcp6Message(type, _transaction, options);
    }

    private TimeSpan Left(TimeSpan limit) => TimeSpan.FromTicks(Math.Clamp((_deadline - _timers.Now).Ticks, 0, limit.Ticks));

    private void OpenLink() => _link ??= environment.Links.Open6(request, HardwareAddress, message =>
    {
        if (message.TransactionId == _transaction
            && message.Options.Find(Dhcp6Option.ClientId) is { } id && id.AsSpan().SequenceEqual(request.UniqueId))
        {
            _awaited?.Invoke(message);
        }
    });

    /// <summary>What fails here is as good as a lost packet, and told: an interface has no usable address in its first moments.</summary>
    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is LinuxException or LinkGoneException or Netlink.NetlinkException)
        {
            owner.Log($"{request.Key}: {e.Message}");
        }
    }
}
