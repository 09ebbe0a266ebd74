using Datapath.Attachments;

namespace Datapath.Tests.Attachments;

public sealed class BestEffortStepsTests
{
    private readonly BestEffortSteps _cleanUp = new();

    [Fact]
    public void Nothing_failed_is_success()
    {
        bool done = false;
        _cleanUp.Try(() => done = true);
        _cleanUp.ThrowIfFailed();
        Assert.True(done);
    }

    [Fact]
    public void Single_failure_is_thrown_as_it_was_after_all_steps()
    {
        IOException failure = new("no");
        bool done = false;
        _cleanUp.Try(() => throw failure);
        _cleanUp.Try(() => done = true);
        Assert.Same(failure, Assert.Throws<IOException>(_cleanUp.ThrowIfFailed));
        Assert.True(done);
    }

    [Fact]
    public void Several_failures_are_all_told_in_their_order()
    {
        _cleanUp.Try(() => throw new IOException("one"));
        _cleanUp.Try(() => throw new TimeoutException("two"));
        AggregateException error = Assert.Throws<AggregateException>(_cleanUp.ThrowIfFailed);
        Assert.Equal(["one", "two"], error.InnerExceptions.Select(inner => inner.Message));
    }
}
