using System.Runtime.CompilerServices;
using Cluster.Etcd.Protocol;
using Cluster.Store;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace Cluster.Etcd;

/// <summary>A store in etcd, version 3.4 or newer, by gRPC.</summary>
/// <param name="options">How it is reached. Nothing is asked before the first operation.</param>
public sealed class EtcdStore(EtcdOptions options) : IClusterStore
{
    // A page of a listing: small enough to begin soon, large enough that 20,000 keys are a few.
    private const int PageSize = 2000;

    // A listing whose revision is compacted before its last page begins again.
    private const int ListAttempts = 5;

    private readonly EtcdMembers _members = new(options);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _members.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<StoreListing> ListAsync(string prefix, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ListOnceAsync(prefix, cancel);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Compacted && attempt < ListAttempts)
            {
            }
        }
    }

    /// <inheritdoc/>
    public async Task<long?> CommitAsync(StoreTransaction transaction, CancellationToken cancel)
    {
        TxnRequest request = new();
        foreach ((string key, long revision) in transaction.Expectations)
        {
            request.Compare.Add(new Compare
            {
                Key = ByteString.CopyFromUtf8(key),
                Target = Compare.Types.CompareTarget.Mod,
                Result = Compare.Types.CompareResult.Equal,
                ModRevision = revision,
            });
        }
        foreach ((string key, ReadOnlyMemory<byte>? bytes, StoreLease? lease) in transaction.Changes)
        {
            ByteString name = ByteString.CopyFromUtf8(key);
            RequestOp change = new();
            if (bytes is { } value)
                change.RequestPut = new PutRequest { Key = name, Value = UnsafeByteOperations.UnsafeWrap(value), Lease = lease?.Id ?? 0 };
            else
                change.RequestDeleteRange = new DeleteRangeRequest { Key = name };
            request.Success.Add(change);
        }
        TxnResponse response = await _members.AskAsync(
            $"change {string.Join(", ", transaction.Changes.Select(static change => change.Key))}",
            mayRepeat: false,
            (channel, call) => new KV.KVClient(channel).TxnAsync(request, call).ResponseAsync,
            cancel);
        return response.Succeeded ? response.Header.Revision : null;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<StoreChange>> WatchAsync(
        string prefix, StorePoint after, [EnumeratorCancellation] CancellationToken cancel)
    {
        string what = $"watch {prefix}";
        (int member, Grpc.Net.Client.GrpcChannel channel, CallOptions options) = await _members.StreamAsync(cancel);
        using AsyncDuplexStreamingCall<WatchRequest, WatchResponse> stream = new Watch.WatchClient(channel).Watch(options);
        ByteString first = ByteString.CopyFromUtf8(prefix);
        WatchCreateRequest create = new()
        {
            Key = first.Length > 0 ? first : ByteString.CopyFrom(0),
            RangeEnd = ByteString.CopyFrom(KeyPrefix.EndOf(first.Span)),
            StartRevision = after.Revision + 1,
            ProgressNotify = true,
        };
        await GuardAsync(async () =>
        {
            await stream.RequestStream.WriteAsync(new WatchRequest { CreateRequest = create }, cancel);
            return true;
        });
        // When it begins, and when it has caught up.
        int looks = 2;
        while (await GuardAsync(() => stream.ResponseStream.MoveNext(cancel)))
        {
            WatchResponse response = stream.ResponseStream.Current;
            ThrowIfOver(response);
            if (looks-- > 0)
                await RequireHistoryAsync(first, after, cancel);
            yield return [.. response.Events.Select(ToChange)];
        }
        // A member that shuts down ends its streams without an error.
        throw _members.Fail(member, new RpcException(new Status(StatusCode.Unavailable, "the member has ended the watch")), what);

        async Task<bool> GuardAsync(Func<Task<bool>> action)
        {
            try
            {
                return await action();
            }
            catch (RpcException e)
            {
                cancel.ThrowIfCancellationRequested();
                throw _members.Fail(member, e, what);
            }
        }

        void ThrowIfOver(WatchResponse response)
        {
            string at = $"etcd {_members.Endpoint(member).GetLeftPart(UriPartial.Authority)}: {what}";
            if (response.CompactRevision > 0)
                throw new StoreException(StoreErrorKind.Compacted, $"{at}: revision {after.Revision + 1} is compacted");
            if (response.Canceled)
            {
                bool isDenied = response.CancelReason.Contains("permission denied", StringComparison.Ordinal);
                throw new StoreException(isDenied ? StoreErrorKind.Denied : StoreErrorKind.Unavailable, $"{at}: {response.CancelReason}");
            }
            // It would wait for a revision that comes again, with other contents.
            if (response.Created && response.Header.Revision < after.Revision)
            {
                throw new StoreException(
                    StoreErrorKind.Restored,
                    $"{at}: it was restored from a backup: it is at revision {response.Header.Revision}, and was at {after.Revision}");
            }
        }
    }

    /// <inheritdoc/>
    public async Task<StoreLease> GrantAsync(TimeSpan lifetime, CancellationToken cancel)
    {
        LeaseGrantRequest request = new() { TTL = (long)Math.Ceiling(lifetime.TotalSeconds) };
        LeaseGrantResponse response = await _members.AskAsync(
            "grant a lease",
            mayRepeat: true,
            (channel, call) => new Lease.LeaseClient(channel).LeaseGrantAsync(request, call).ResponseAsync,
            cancel);
        return new StoreLease(response.ID, TimeSpan.FromSeconds(response.TTL));
    }

    /// <inheritdoc/>
    public Task KeepAliveAsync(StoreLease lease, CancellationToken cancel) => _members.AskAsync(
        "keep a lease alive",
        mayRepeat: true,
        async (channel, call) =>
        {
            using AsyncDuplexStreamingCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream =
                new Lease.LeaseClient(channel).LeaseKeepAlive(call);
            await stream.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = lease.Id }, cancel);
            await stream.RequestStream.CompleteAsync();
            if (!await stream.ResponseStream.MoveNext(cancel))
                throw new RpcException(new Status(StatusCode.Unavailable, "the member has ended the stream"));
            return stream.ResponseStream.Current.TTL > 0
                ? true
                : throw new StoreException(
                    StoreErrorKind.LeaseEnded, $"etcd: lease {lease.Id:x} has ended, and what hung on it is deleted");
        },
        cancel);

    /// <inheritdoc/>
    public async Task RevokeAsync(StoreLease lease, CancellationToken cancel)
    {
        LeaseRevokeRequest request = new() { ID = lease.Id };
        try
        {
            _ = await _members.AskAsync(
                "revoke a lease",
                mayRepeat: true,
                (channel, call) => new Lease.LeaseClient(channel).LeaseRevokeAsync(request, call).ResponseAsync,
                cancel);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.LeaseEnded)
        {
        }
    }

    /// <summary>
    /// Looks whether the past is the one that the follower knows. A store that was restored from a backup comes to the same revisions
    /// again, with other contents. And a watch that begins at the very revision up to which the store was compacted is not refused, and is
    /// not told what that revision deleted (https://github.com/etcd-io/etcd/issues/18089); it cannot be read any more then.
    /// </summary>
    /// <exception cref="StoreException">
    /// <see cref="StoreErrorKind.Compacted"/> or <see cref="StoreErrorKind.Restored"/>: it is not.
    /// </exception>
    private async Task RequireHistoryAsync(ByteString prefix, StorePoint point, CancellationToken cancel)
    {
        if (point.Revision == 0)
            return;
        RangeRequest request = new()
        {
            Key = prefix.Length > 0 ? prefix : ByteString.CopyFrom(0),
            RangeEnd = ByteString.CopyFrom(KeyPrefix.EndOf(prefix.Span)),
            Revision = point.Revision,
            // The count is that of all values nevertheless.
            CountOnly = point.Newest is not [_, ..],
            MinModRevision = point.Newest is [{ } newest, ..] ? newest.Revision : 0,
        };
        RangeResponse then = await _members.AskAsync(
            $"read revision {point.Revision}",
            mayRepeat: true,
            (channel, call) => new KV.KVClient(channel).RangeAsync(request, call).ResponseAsync,
            cancel);
        if (point.Count is not { } count || (then.Count == count && IsSame(then.Kvs, point.Newest ?? [])))
            return;
        throw new StoreException(
            StoreErrorKind.Restored,
            $"etcd: it was restored from a backup: {prefix.ToStringUtf8()} was otherwise at revision {point.Revision}");
    }

    private static bool IsSame(RepeatedField<KeyValue> there, IReadOnlyCollection<StoredValue> known) =>
        there.Count == known.Count && there.All(entry => known.Any(value =>
            value.Key == entry.Key.ToStringUtf8()
            && value.Revision == entry.ModRevision
            && value.Bytes.Span.SequenceEqual(entry.Value.Span)));

    private async Task<StoreListing> ListOnceAsync(string prefix, CancellationToken cancel)
    {
        ByteString first = ByteString.CopyFromUtf8(prefix);
        RangeRequest request = new()
        {
            Key = first.Length > 0 ? first : ByteString.CopyFrom(0),
            RangeEnd = ByteString.CopyFrom(KeyPrefix.EndOf(first.Span)),
            Limit = PageSize,
        };
        List<StoredValue> values = [];
        while (true)
        {
            RangeResponse page = await _members.AskAsync(
                $"list {prefix}",
                mayRepeat: true,
                (channel, call) => new KV.KVClient(channel).RangeAsync(request, call).ResponseAsync,
                cancel);
            if (request.Revision == 0)
                request.Revision = page.Header.Revision;
            values.AddRange(page.Kvs.Select(ToValue));
            if (!page.More)
                return new StoreListing(values, request.Revision);
            request.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]);
        }
    }

    private static StoredValue ToValue(KeyValue entry) => new(entry.Key.ToStringUtf8(), entry.Value.Memory, entry.ModRevision);

    private static StoreChange ToChange(Event change) => new(
        change.Kv.Key.ToStringUtf8(), change.Type == Event.Types.EventType.Put ? ToValue(change.Kv) : null, change.Kv.ModRevision);
}
