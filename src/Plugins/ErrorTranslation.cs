using Cni;
using Ipam;
using Linux;
using Netlink;
using Netlink.Wire;

namespace Plugins;

/// <summary>
/// The CNI codes of the exceptions that the protocol layer does not know. One table, so that a code always means the same.
/// </summary>
public static class ErrorTranslation
{
    public static CniException? Translate(Exception exception) => exception switch
    {
        NetlinkException { Errno: Errno.EBUSY or Errno.EAGAIN or Errno.ENOBUFS or Errno.ETIMEDOUT } =>
            Because(CniErrorCode.TryAgainLater, exception),
        NetlinkException { Errno: Errno.EEXIST } => Because(CniErrorCode.AlreadyExists, exception),
        NetlinkException or WireFormatException => Because(CniErrorCode.KernelFailure, exception),
        IpamException ipam => Because(CodeOf(ipam.Kind), exception),
        _ => null,
    };

    private static CniErrorCode CodeOf(IpamErrorKind kind) => kind switch
    {
        IpamErrorKind.InvalidRange or IpamErrorKind.InvalidRequest or IpamErrorKind.AddressNotInRange or IpamErrorKind.AddressIsGateway =>
            CniErrorCode.InvalidNetworkConfig,
        IpamErrorKind.RangeExhausted => CniErrorCode.AddressesExhausted,
        IpamErrorKind.AddressTaken or IpamErrorKind.DuplicateAllocation => CniErrorCode.AlreadyExists,
        IpamErrorKind.StoreBusy or IpamErrorKind.AttachmentBusy => CniErrorCode.TryAgainLater,
        IpamErrorKind.StoreBroken => CniErrorCode.IOFailure,
    };

    private static CniException Because(CniErrorCode code, Exception cause) => new(code, cause.Message, inner: cause);
}
