using Cluster.Etcd.Protocol;
using Cluster.Store;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cluster.Etcd;

/// <summary>etcd's members: one is asked until it fails, then the next.</summary>
internal sealed class EtcdMembers : IDisposable
{
    private readonly EtcdOptions _options;
    private readonly GrpcChannel[] _channels;
    private volatile int _current;
    private volatile string? _token;

    /// <exception cref="StoreException">No endpoint is given, or a certificate cannot be read.</exception>
    public EtcdMembers(EtcdOptions options)
    {
        if (options.Endpoints.Count == 0)
            throw new StoreException(StoreErrorKind.Invalid, "etcd: no endpoint is given; name one, such as https://192.0.2.10:2379");
        _options = options;
        _channels = [.. options.Endpoints.Select(endpoint => EtcdTransport.Open(endpoint, options))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GrpcChannel channel in _channels)
            channel.Dispose();
    }

    /// <summary>Asks one member after the other until one answers.</summary>
    /// <param name="what">What is asked, for messages.</param>
    /// <param name="mayRepeat">Whether a member that may have done it, and did not answer, leaves the others to be asked.</param>
    /// <param name="ask">Asks over a channel, with headers and a deadline.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<T> AskAsync<T>(string what, bool mayRepeat, Func<GrpcChannel, CallOptions, Task<T>> ask, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            int member = _current;
            bool isRenewed = false;
            try
            {
                return await AskMemberAsync();
            }
            catch (RpcException e)
            {
                cancel.ThrowIfCancellationRequested();
                if (!EtcdErrors.IsOfMember(e))
                    throw EtcdErrors.Translate(e, _options.Endpoints[member], _options.CertificateFile is not null, what);
                MoveFrom(member);
                if (attempt + 1 >= _channels.Length || !(mayRepeat || EtcdErrors.IsBeforeSending(e)))
                    throw EtcdErrors.Translate(e, _options.Endpoints[member], _options.CertificateFile is not null, what);
            }

            async Task<T> AskMemberAsync()
            {
                CallOptions call = await OptionsAsync(_channels[member], DateTime.UtcNow + _options.Timeout, cancel);
                try
                {
                    return await ask(_channels[member], call);
                }
                catch (RpcException e) when (!isRenewed && _options.User is not null && EtcdErrors.IsOldToken(e))
                {
                    isRenewed = true;
                    _token = null;
                    return await AskMemberAsync();
                }
            }
        }
    }

    /// <summary>Opens a stream at the present member. Whoever finds it broken calls <see cref="Fail"/>.</summary>
    public async Task<(int Member, GrpcChannel Channel, CallOptions Options)> StreamAsync(CancellationToken cancel)
    {
        int member = _current;
        try
        {
            CallOptions call = await OptionsAsync(_channels[member], deadline: null, cancel);
            // A member that has lost the others would stay silent; asked so, it ends the stream.
            call.Headers!.Add("hasleader", "true");
            return (member, _channels[member], call);
        }
        catch (RpcException e)
        {
            throw Fail(member, e, "authenticate");
        }
    }

    /// <summary>The store's exception for a stream that broke; the next one is opened at another member.</summary>
    public StoreException Fail(int member, RpcException e, string what)
    {
        if (EtcdErrors.IsOldToken(e))
        {
            _token = null;
            if (_options.User is not null)
                return new StoreException(StoreErrorKind.Unavailable, $"etcd: {what}: the user's token has expired", e);
        }
        if (EtcdErrors.IsOfMember(e) || e.StatusCode == StatusCode.Cancelled)
            MoveFrom(member);
        return EtcdErrors.Translate(e, _options.Endpoints[member], _options.CertificateFile is not null, what);
    }

    /// <summary>The endpoint of a member.</summary>
    public Uri Endpoint(int member) => _options.Endpoints[member];

    private void MoveFrom(int member)
    {
        if (_current == member)
            _current = (member + 1) % _channels.Length;
    }

    private async Task<CallOptions> OptionsAsync(GrpcChannel channel, DateTime? deadline, CancellationToken cancel)
    {
        Metadata headers = [];
        if (_options is { User: { } user, Password: var password })
        {
            AuthenticateRequest request = new() { Name = user, Password = password ?? "" };
            CallOptions call = new(deadline: DateTime.UtcNow + _options.Timeout, cancellationToken: cancel);
            _token ??= (await new Auth.AuthClient(channel).AuthenticateAsync(request, call)).Token;
            headers.Add("token", _token);
        }
        return new CallOptions(headers, deadline, cancel);
    }
}
