using Cni;
using Ipam;
using Linux;
using Netlink;
using Netlink.Wire;

namespace Plugins.Tests;

public sealed class ErrorTranslationTests
{
    [Theory]
    [InlineData(Errno.EBUSY, CniErrorCode.TryAgainLater)]
    [InlineData(Errno.EAGAIN, CniErrorCode.TryAgainLater)]
    [InlineData(Errno.ENOBUFS, CniErrorCode.TryAgainLater)]
    [InlineData(Errno.ETIMEDOUT, CniErrorCode.TryAgainLater)]
    [InlineData(Errno.EEXIST, CniErrorCode.AlreadyExists)]
    [InlineData(Errno.EPERM, CniErrorCode.KernelFailure)]
    [InlineData(Errno.EOPNOTSUPP, CniErrorCode.KernelFailure)]
    public void Refusal_of_the_kernel_has_a_code(Errno errno, CniErrorCode code)
    {
        NetlinkException refusal = new(errno, "create veth a");
        CniException answer = ErrorTranslation.Translate(refusal)!;
        Assert.Equal(code, answer.Code);
        Assert.Equal(refusal.Message, answer.Message);
        Assert.Same(refusal, answer.InnerException);
    }

    [Fact]
    public void Answer_that_cannot_be_read_is_the_kernels_failure() =>
        Assert.Equal(CniErrorCode.KernelFailure, ErrorTranslation.Translate(new WireFormatException("short", 3))!.Code);

    [Theory]
    [InlineData(IpamErrorKind.InvalidRange, 7)]
    [InlineData(IpamErrorKind.InvalidRequest, 7)]
    [InlineData(IpamErrorKind.AddressNotInRange, 7)]
    [InlineData(IpamErrorKind.AddressIsGateway, 7)]
    [InlineData(IpamErrorKind.AddressTaken, 103)]
    [InlineData(IpamErrorKind.DuplicateAllocation, 103)]
    [InlineData(IpamErrorKind.RangeExhausted, 102)]
    [InlineData(IpamErrorKind.StoreBusy, 11)]
    [InlineData(IpamErrorKind.StoreBroken, 5)]
    public void Every_failure_of_ipam_has_a_code(IpamErrorKind kind, uint code) =>
        Assert.Equal((CniErrorCode)code, ErrorTranslation.Translate(new IpamException(kind, "m"))!.Code);

    [Fact]
    public void No_kind_of_ipam_is_forgotten() =>
        Assert.All(Enum.GetValues<IpamErrorKind>(), kind => Assert.NotNull(ErrorTranslation.Translate(new IpamException(kind, "m"))));

    [Fact]
    public void What_it_does_not_know_is_left_to_the_protocol() =>
        Assert.Null(ErrorTranslation.Translate(new InvalidOperationException()));
}
