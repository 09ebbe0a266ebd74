using System.Net;
using Cni;
using Dhcp.Daemon;
using Dhcp.Messages;
using Linux;
using Linux.Addresses;

namespace Dhcp.Client;

/// <summary>
/// The client of one attachment (RFC 2131, 4.4): seeks an address, and keeps it. It never waits; timers and answers move it on. An
/// interface is held open only while an answer is awaited, so that a lease keeps no namespace alive.
/// </summary>
/// <param name="request">Whose client it is.</param>
/// <param name="environment">What all clients share.</param>
/// <param name="owner">Hears what becomes of it.</param>
internal sealed class Client4(LeaseRequest request, ClientEnvironment environment, ILeaseOwner owner)
{
    // How long a server that remembers has to answer before the address is sought anew.
    private static readonly TimeSpan s_rebootLimit = TimeSpan.FromSeconds(4);
    private static readonly MacAddress s_everybody = new([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

    private readonly TimerQueue _timers = environment.Timers;
    private readonly Message4Writer _writer = new(request, environment.Broadcast);
    private ILink4? _link;
    private Exchange? _exchange;
    private TimerQueue.Timer? _step;
    private TimerQueue.Timer? _silence;
    private Action<DhcpMessage, MacAddress>? _awaited;
    private uint _transaction;
    private TimeSpan _deadline;
    private RetryDelays _delays = new(environment.Timeouts.ResendMax);

    /// <summary>What is held, or was until it expired; null as long as nothing was found.</summary>
    public Lease4? Lease { get; private set; }

    /// <summary>Whether the lease can be used now.</summary>
    public bool IsBound => Lease is { } lease && _timers.Now < lease.Times.Expiry;

    /// <summary>What the lease puts on the interface.</summary>
    public Addressing Addressing => AddressingOf(Lease!);

    /// <summary>Begins to seek an address.</summary>
    /// <param name="wanted">The address of a former lease, which is asked for first (INIT-REBOOT); null for none.</param>
    public void Acquire(IPAddress? wanted)
    {
        _deadline = _timers.Now + environment.Timeouts.ResendTimeout;
        BeginRound(wanted);
    }

    /// <summary>Goes on with a lease that an earlier daemon has left.</summary>
    public void Resume(Lease4 lease)
    {
        Lease = lease;
        _step = _timers.At(lease.Times.Renew, Renew);
    }

    /// <summary>Gives the address back, as far as the interface still lets it be told.</summary>
    public void Release()
    {
        Stop();
        if (!IsBound || Lease is not { Message.Server: { } server } lease)
            return;
        try
        {
            environment.Links.Withdraw(request, lease.HardwareAddress, lease.Address);
            using ILink4 link = environment.Links.Open4(request, lease.HardwareAddress, static (_, _) => { });
            link.Send(_writer.Release(NewTransaction(), lease), lease.Address.Address, server, lease.ServerStation);
        }
        catch (LinkGoneException)
        {
            // The server takes the address back when the lease expires.
        }
    }

    /// <summary>Does nothing any more, and lets the interface go.</summary>
    public void Stop()
    {
        Listen(null);
        _exchange?.Cancel();
        _step?.Cancel();
        CloseLink();
    }

    private Addressing AddressingOf(Lease4 lease) => new(lease.Address, lease.Routes(request.Priority));

    private void BeginRound(IPAddress? wanted)
    {
        try
        {
            ILink4 link = OpenLink();
            if (wanted is not null)
                Reboot(link, wanted);
            else
                Discover(link);
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

    private void Reboot(ILink4 link, IPAddress wanted) => Ask(
        Left(s_rebootLimit),
        seconds => Send(link, _writer.Reboot(_transaction, link.HardwareAddress, seconds, wanted)),
        (answer, station) =>
        {
            if (answer.Type == DhcpMessageType.Ack && answer.YourAddress.Equals(wanted))
                Take(answer, station);
            else if (answer.Type == DhcpMessageType.Nak)
                Discover(link);
        },
        timedOut: () => Discover(link));

    private void Discover(ILink4 link) => Ask(
        Left(environment.Timeouts.Exchange),
        seconds => Send(link, _writer.Discover(_transaction, link.HardwareAddress, seconds)),
        (answer, _) =>
        {
            if (answer.Type == DhcpMessageType.Offer && answer.Server is not null && Lease4.IsUsable(answer.YourAddress))
                Select(link, answer);
        },
        timedOut: () => EndRound("no DHCP server has offered an address"));

    private void Select(ILink4 link, DhcpMessage offer) => Ask(
        Left(environment.Timeouts.Exchange),
        seconds => Send(link, _writer.Select(_transaction, link.HardwareAddress, seconds, offer)),
        (answer, station) =>
        {
            if (answer.Type == DhcpMessageType.Ack)
                Take(answer, station);
            else if (answer.Type == DhcpMessageType.Nak)
                EndRound($"the DHCP server {offer.Server} has refused the address {offer.YourAddress} that it had offered");
        },
        timedOut: () => EndRound($"the DHCP server {offer.Server} has not confirmed the address {offer.YourAddress}"));

    /// <summary>A message of a new exchange to everybody, its repetitions and its answers.</summary>
    private void Ask(TimeSpan limit, Action<TimeSpan> send, Action<DhcpMessage, MacAddress> answered, Action timedOut)
    {
        _exchange?.Cancel();
        Listen(answered);
        _exchange = new Exchange(_timers, send);
        _exchange.Start(limit, timedOut);
    }

    private void Send(ILink4 link, DhcpMessage message) => Try(() => link.Send(message, IPAddress.Any, IPAddress.Broadcast, s_everybody));

    private TimeSpan Left(TimeSpan limit) => TimeSpan.FromTicks(Math.Clamp((_deadline - _timers.Now).Ticks, 0, limit.Ticks));

    private void EndRound(string reason)
    {
        Stop();
        TimeSpan pause = _delays.Next();
        if (_timers.Now + pause < _deadline)
            _step = _timers.After(pause, () => BeginRound(wanted: null));
        else if (Lease is { } lease)
            _step = _timers.At(lease.Times.Expiry, Expire);
        else
        {
            owner.AcquisitionFailed(
                new CniException(CniErrorCode.TryAgainLater, "no more tries", $"{request.IfName} of {request.Key}: {reason}"));
        }
    }

    private void Take(DhcpMessage acknowledgement, MacAddress station)
    {
        if (Lease4.TryRead(acknowledgement, station, _timers.Now, out string? problem) is not { } lease)
        {
            EndRound($"the answer of the DHCP server {problem}");
            return;
        }
        Stop();
        Lease4? old = Lease;
        Lease = lease;
        _delays = new RetryDelays(environment.Timeouts.ResendMax);
        _step = _timers.At(lease.Times.Renew, Renew);
        owner.LeaseChanged();
        if (old is not null && !AddressingOf(old).IsSameAs(AddressingOf(lease)))
            Try(() => environment.Links.Replace(request, lease.HardwareAddress, AddressingOf(old), AddressingOf(lease)));
    }

    /// <summary>
    /// T1 has come, or T2 (RFC 2131, 4.4.5): the server that gave the lease is asked, then all are, each time after half of what is left
    /// until the next step.
    /// </summary>
    private void Renew()
    {
        Stop();
        Lease4 lease = Lease!;
        TimeSpan now = _timers.Now;
        if (now >= lease.Times.Expiry)
        {
            Expire();
            return;
        }
        bool rebinding = now >= lease.Times.Rebind;
        TimeSpan end = rebinding ? lease.Times.Expiry : lease.Times.Rebind;
        TimeSpan pause = TimeSpan.FromTicks(Math.Max((end - now).Ticks / 2, TimeSpan.TicksPerSecond));
        _step = _timers.At(now + pause < end ? now + pause : end, Renew);
        try
        {
            ILink4 link = OpenLink();
            Listen(Renewed);
            (IPAddress destination, MacAddress station) = rebinding
                ? (IPAddress.Broadcast, s_everybody)
                : (lease.Message.Server!, lease.ServerStation);
            link.Send(_writer.Renew(_transaction, lease), lease.Address.Address, destination, station);
            _silence = _timers.After(environment.Timeouts.Answer, CloseLink);
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

    private void Renewed(DhcpMessage answer, MacAddress station)
    {
        if (answer.Type == DhcpMessageType.Ack && Lease4.TryRead(answer, station, _timers.Now, out _) is not null)
        {
            Take(answer, station);
        }
        else if (answer.Type == DhcpMessageType.Nak)
        {
            // The address is lost; another can be had as long as nobody has noticed.
            owner.Log($"{request.Key}: the DHCP server takes {Lease!.Address} back");
            Stop();
            _deadline = Lease.Times.Expiry;
            BeginRound(wanted: null);
        }
    }

    private void Expire()
    {
        Stop();
        owner.LeaseExpired();
    }

    private void Listen(Action<DhcpMessage, MacAddress>? awaited)
    {
        _transaction = NewTransaction();
        _awaited = awaited;
    }

    private ILink4 OpenLink() => _link ??= environment.Links.Open4(request, Lease?.HardwareAddress, (message, station) =>
    {
        if (message.TransactionId == _transaction && message.HardwareAddress == _link?.HardwareAddress)
            _awaited?.Invoke(message, station);
    });

    private void CloseLink()
    {
        _silence?.Cancel();
        _link?.Dispose();
        _link = null;
    }

    /// <summary>What fails here is as good as a lost packet, and told.</summary>
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

    private static uint NewTransaction() => (uint)Random.Shared.NextInt64(1L << 32);
}
