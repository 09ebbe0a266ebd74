using TestKit;

namespace Linux.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_promised_one() => PublicSurface.AssertPromised(typeof(LinuxException).Assembly);
}
