using System.Net;
using Cni;
using Dhcp.Client;
using Linux;
using Linux.Addresses;
using Netlink;

namespace Dhcp.Daemon;

/// <summary>One attachment in the daemon: its clients, and the connections that wait for its addresses.</summary>
/// <param name="request">Whose and what.</param>
/// <param name="environment">What all clients share.</param>
/// <param name="book">Where the holder stands and is written down.</param>
internal sealed class LeaseHolder(LeaseRequest request, ClientEnvironment environment, LeaseBook book) : ILeaseOwner
{
    private readonly List<DaemonConnection> _waiting = [];
    private Client4? _ipv4;
    private Client6? _ipv6;

    public LeaseRequest Request => request;

    /// <summary>Whether the first addresses are still being sought.</summary>
    public bool IsAcquiring { get; private set; }

    /// <summary>Whether every address that was asked for is held.</summary>
    public bool IsHeld => (_ipv4 ?? (object?)_ipv6) is not null && _ipv4?.IsBound is null or true && _ipv6?.IsBound is null or true;

    /// <summary>The interface's MAC address; null as long as nothing was found.</summary>
    public MacAddress? HardwareAddress => _ipv4?.Lease?.HardwareAddress ?? _ipv6?.HardwareAddress;

    /// <summary>The addresses that are held, or were until they expired.</summary>
    public (IPAddress? IPv4, IPAddress? IPv6) Addresses => (_ipv4?.Lease?.Address.Address, _ipv6?.Lease?.Address.Address);

    /// <summary>Seeks addresses.</summary>
    /// <param name="former">Those of former leases, which are asked for first.</param>
    public void Acquire((IPAddress? IPv4, IPAddress? IPv6) former)
    {
        IsAcquiring = true;
        _ipv4 = request.IPv4 ? new Client4(request, environment, this) : null;
        _ipv6 = request.IPv6 ? new Client6(request, environment, this) : null;
        _ipv4?.Acquire(former.IPv4);
        // The first may have failed at once, with all that belongs to it.
        if (IsAcquiring)
            _ipv6?.Acquire(former.IPv6);
    }

    /// <summary>Goes on with what an earlier daemon has left.</summary>
    public void Resume(StoredLease stored)
    {
        if (stored.IPv4 is { } four)
        {
            _ipv4 = new Client4(request, environment, this);
            _ipv4.Resume(four);
        }
        if (stored is { IPv6: { } six, HardwareAddress: { } mac })
        {
            _ipv6 = new Client6(request, environment, this);
            _ipv6.Resume(six, mac);
        }
    }

    /// <summary>Answers a connection as soon as the addresses are there.</summary>
    public void Await(DaemonConnection connection) => _waiting.Add(connection);

    /// <summary>Nobody reads a connection's answer any more. Addresses that nobody else waits for are not sought on.</summary>
    public void Abandon(DaemonConnection connection)
    {
        if (_waiting.Remove(connection) && _waiting.Count == 0 && IsAcquiring)
            Release("the plugin has not waited for the answer");
    }

    /// <summary>Gives everything back and forgets it.</summary>
    /// <param name="reason">What is told to those who wait.</param>
    public void Release(string reason)
    {
        GiveBack();
        Fail(new CniException(CniErrorCode.TryAgainLater, $"the lease of {request.Key} was given up: {reason}"));
    }

    /// <summary>Ends maintenance; the leases stay as they are with their servers.</summary>
    public void Stop()
    {
        _ipv4?.Stop();
        _ipv6?.Stop();
        Fail(new CniException(CniErrorCode.TryAgainLater, "the DHCP daemon ends"));
    }

    /// <summary>What the plugin answers.</summary>
    public CniResult ToResult()
    {
        CniResult result = new();
        List<IPAddress> nameServers = [];
        List<string> search = [];
        if (_ipv4?.Lease is { } four)
        {
            result.Ips.Add(new CniIp { Address = four.Address, Gateway = four.Gateway });
            result.Routes.AddRange(four.Routes(request.Priority));
            nameServers.AddRange(four.NameServers);
            search.AddRange(four.Search);
        }
        if (_ipv6?.Lease is { } six)
        {
            result.Ips.Add(new CniIp { Address = six.Address });
            nameServers.AddRange(six.NameServers);
            search.AddRange(six.Search);
        }
        CniDns dns = new()
        {
            Nameservers = [.. nameServers.Distinct().Select(IpText.Format)],
            Domain = _ipv4?.Lease?.Domain,
            Search = [.. search.Distinct()],
        };
        result.Dns = dns.IsEmpty ? null : dns;
        return result;
    }

    /// <summary>What is written down.</summary>
    public StoredLease ToStored(string boot) => new()
    {
        Boot = boot,
        Request = request,
        IPv4 = _ipv4?.Lease,
        IPv6 = _ipv6?.Lease,
        HardwareAddress = _ipv6?.HardwareAddress,
    };

    /// <inheritdoc/>
    void ILeaseOwner.LeaseChanged()
    {
        try
        {
            // Before the answer: a daemon that is killed right behind it must know of the lease. An address that waits for one of the other
            // family has been told to nobody yet; another daemon gives it back.
            bool isWhole = !IsAcquiring || IsHeld;
            book.Save(this, isReleasing: !isWhole);
            if (!isWhole)
                return;
        }
        catch (Exception e) when (IsAcquiring && e is LinuxException or IOException or UnauthorizedAccessException)
        {
            GiveBack();
            Fail(new CniException(CniErrorCode.IOFailure, $"the lease cannot be written down: {e.Message}", inner: e));
            return;
        }
        IsAcquiring = false;
        byte[] answer = ToResult().ToJson(CniVersions.Newest);
        foreach (DaemonConnection connection in TakeWaiting())
            connection.Answer(answer);
    }

    /// <inheritdoc/>
    void ILeaseOwner.AcquisitionFailed(Exception failure)
    {
        GiveBack();
        Fail(failure);
    }

    /// <inheritdoc/>
    void ILeaseOwner.LeaseExpired()
    {
        Log($"{request.Key}: the lease of {(_ipv4 is { IsBound: false } ? Addresses.IPv4 : Addresses.IPv6)} has expired");
        Try(() =>
        {
            if (_ipv4 is { IsBound: false, Lease: { } four })
                environment.Links.TakeDown(request, four.HardwareAddress);
            else if (_ipv6 is { IsBound: false, Lease: { } six, HardwareAddress: { } mac })
                environment.Links.Withdraw(request, mac, six.Address);
        });
    }

    /// <inheritdoc/>
    void ILeaseOwner.LinkGone(string reason)
    {
        Log($"{request.Key}: the lease ends: {reason}");
        book.Remove(this);
        Stop();
    }

    /// <inheritdoc/>
    public void Log(string message) => book.Log(message);

    /// <summary>
    /// Tells the servers, then forgets: a daemon that is killed in between would leave addresses that nobody uses taken until they expire.
    /// Told twice, a server is content (RFC 2131, 4.3.4; RFC 8415, 18.3.7).
    /// </summary>
    private void GiveBack()
    {
        if ((_ipv4?.Lease ?? (object?)_ipv6?.Lease) is not null)
            Try(() => book.Save(this, isReleasing: true));
        try
        {
            Try(() => _ipv4?.Release());
            Try(() => _ipv6?.Release());
        }
        finally
        {
            book.Remove(this);
        }
    }

    private void Fail(Exception failure)
    {
        IsAcquiring = false;
        foreach (DaemonConnection connection in TakeWaiting())
            connection.Fail(failure);
    }

    private DaemonConnection[] TakeWaiting()
    {
        DaemonConnection[] connections = [.. _waiting];
        _waiting.Clear();
        return connections;
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
            when (e is LinuxException or NetlinkException or LinkGoneException or IOException or UnauthorizedAccessException)
        {
            Log($"{request.Key}: {e.Message}");
        }
    }
}
