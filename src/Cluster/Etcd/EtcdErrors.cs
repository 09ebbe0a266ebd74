using System.Net.Sockets;
using Cluster.Store;
using Grpc.Core;

namespace Cluster.Etcd;

/// <summary>What etcd's and gRPC's status codes mean (etcd's api/v3rpc/rpctypes/error.go; the gRPC specification's status codes).</summary>
internal static class EtcdErrors
{
    /// <summary>Whether another member may do better.</summary>
    public static bool IsOfMember(RpcException e) =>
        e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal or StatusCode.Unknown;

    /// <summary>Whether the member was never told, so that it cannot have done anything.</summary>
    public static bool IsBeforeSending(RpcException e) =>
        e.Status.DebugException is SocketException
            or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    /// <summary>Whether the token of a user is no longer valid.</summary>
    public static bool IsOldToken(RpcException e) =>
        e.StatusCode == StatusCode.Unauthenticated || e.Status.Detail.Contains("invalid auth token", StringComparison.Ordinal);

    /// <summary>The store's exception for a refusal.</summary>
    /// <param name="e">The refusal.</param>
    /// <param name="endpoint">Who refused.</param>
    /// <param name="hasCertificate">Whether this side shows a certificate.</param>
    /// <param name="what">What was asked: <c>list nodes/</c>.</param>
    public static StoreException Translate(RpcException e, Uri endpoint, bool hasCertificate, string what)
    {
        string detail = e.Status.DebugException?.GetBaseException().Message ?? e.Status.Detail;
        if (EtcdConnectionErrors.FindRefusal(e.Status.DebugException, endpoint) is { } refusal)
            return Of(StoreErrorKind.Denied, refusal);
        return e.StatusCode switch
        {
            StatusCode.OutOfRange => Of(StoreErrorKind.Compacted, detail),
            StatusCode.NotFound => Of(StoreErrorKind.LeaseEnded, detail),
            StatusCode.PermissionDenied or StatusCode.Unauthenticated =>
                Of(StoreErrorKind.Denied, $"{detail}; check user and password, or the certificate's common name, and its roles"),
            StatusCode.InvalidArgument when detail.Contains("user name is empty", StringComparison.Ordinal) =>
                Of(StoreErrorKind.Denied, "it asks for a user; set user and password, or a certificate"),
            StatusCode.InvalidArgument when detail.Contains("authentication failed", StringComparison.Ordinal) =>
                Of(StoreErrorKind.Denied, $"{detail}; check user and password"),
            StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.ResourceExhausted =>
                Of(StoreErrorKind.Invalid, detail),
            StatusCode.Unimplemented => Of(StoreErrorKind.Invalid, $"what answers there is no etcd of version 3 ({detail})"),
            _ => Of(
                StoreErrorKind.Unavailable,
                EtcdConnectionErrors.FindSuspicion(e.Status.DebugException, endpoint, hasCertificate) ?? detail),
        };

        StoreException Of(StoreErrorKind kind, string text) =>
            new(kind, $"etcd {endpoint.GetLeftPart(UriPartial.Authority)}: {what}: {text}", e);
    }
}
