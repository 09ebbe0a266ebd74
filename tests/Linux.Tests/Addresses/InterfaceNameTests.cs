using Linux.Addresses;

namespace Linux.Tests.Addresses;

public sealed class InterfaceNameTests
{
    [Theory]
    [InlineData("eth0")]
    [InlineData("a")]
    [InlineData("fifteen-bytes-x")]
    [InlineData("...")]
    [InlineData("br0.100")]
    [InlineData("a%d")]
    [InlineData("üüüüüüü")]
    public void Names_that_the_kernel_takes(string name)
    {
        Assert.Null(InterfaceName.Problem(name));
        Assert.True(InterfaceName.IsValid(name));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("sixteen-bytes-xx", "is longer than 15 bytes")]
    [InlineData("üüüüüüüü", "is longer than 15 bytes")]
    [InlineData(".", "is reserved")]
    [InlineData("..", "is reserved")]
    [InlineData("a/b", "holds '/', ':', NUL or white space")]
    [InlineData("a:b", "holds '/', ':', NUL or white space")]
    [InlineData("a b", "holds '/', ':', NUL or white space")]
    [InlineData("a\tb", "holds '/', ':', NUL or white space")]
    [InlineData("a\n", "holds '/', ':', NUL or white space")]
    [InlineData("a\0b", "holds '/', ':', NUL or white space")]
    [InlineData("a\u00a0b", "holds '/', ':', NUL or white space")]
    public void Names_that_cannot_be(string name, string problem)
    {
        Assert.Equal(problem, InterfaceName.Problem(name));
        Assert.False(InterfaceName.IsValid(name));
    }
}
