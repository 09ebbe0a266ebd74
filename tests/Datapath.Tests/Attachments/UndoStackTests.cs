using Cni;
using Datapath.Attachments;
using TestKit;

namespace Datapath.Tests.Attachments;

public sealed class UndoStackTests
{
    private readonly FakeHost _host = TestCall.HostFor("ADD", "");
    private readonly List<string> _undone = [];

    private T Run<T>(Func<UndoStack, T> steps) => TestCall.Run(_host, call => UndoStack.Run(call, steps));

    [Fact]
    public void Success_undoes_nothing()
    {
        Assert.Equal(7, Run(undo =>
        {
            undo.Push("one", () => _undone.Add("one"));
            return 7;
        }));
        Assert.Empty(_undone);
    }

    [Fact]
    public void Failure_undoes_the_newest_step_first()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Run<int>(undo =>
        {
            undo.Push("one", () => _undone.Add("one"));
            undo.Push("two", () => _undone.Add("two"));
            undo.Push("three", () => _undone.Add("three"));
            throw new InvalidOperationException("the step");
        }));
        Assert.Equal("the step", error.Message);
        Assert.Equal(["three", "two", "one"], _undone);
        Assert.Empty(_host.Errors);
    }

    [Fact]
    public void Branch_is_undone_at_its_place()
    {
        _ = Assert.Throws<InvalidOperationException>(() => Run<int>(undo =>
        {
            undo.Push("one", () => _undone.Add("one"));
            UndoStack branch = undo.Branch();
            undo.Push("two", () => _undone.Add("two"));
            branch.Push("inner one", () => _undone.Add("inner one"));
            branch.Push("inner two", () => _undone.Add("inner two"));
            throw new InvalidOperationException();
        }));
        Assert.Equal(["two", "inner two", "inner one", "one"], _undone);
    }

    [Fact]
    public void Undo_that_fails_is_told_and_stops_no_other()
    {
        CniException error = Assert.Throws<CniException>(() => Run<int>(undo =>
        {
            undo.Push("delete the bridge", () => _undone.Add("bridge"));
            undo.Push("delete the veth", () => throw new IOException("no"));
            throw new CniException(CniErrorCode.KernelFailure, "the first");
        }));
        Assert.Equal("the first", error.Message);
        Assert.Equal(["bridge"], _undone);
        Assert.Equal("warning: rollback: delete the veth: no", Assert.Single(_host.Errors));
    }

    [Fact]
    public void Step_pushed_while_undoing_is_undone_too()
    {
        _ = Assert.Throws<InvalidOperationException>(() => Run<int>(undo =>
        {
            undo.Push("outer", () => undo.Push("inner", () => _undone.Add("inner")));
            throw new InvalidOperationException();
        }));
        Assert.Equal(["inner"], _undone);
    }
}
