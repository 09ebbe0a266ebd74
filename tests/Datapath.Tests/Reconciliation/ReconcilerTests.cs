using Datapath.Reconciliation;
using Linux;
using Netlink;

namespace Datapath.Tests.Reconciliation;

public sealed class ReconcilerTests
{
    [Fact]
    public void Only_the_difference_is_applied_and_at_once()
    {
        FakeObjects kernel = new("a=1", "b=1", "c=1");
        Outcome<string> outcome = new Reconciler<string, string>(kernel).Reconcile(["a=1", "b=2", "d=1"]);
        Assert.True(outcome.IsWhole);
        Difference<string> applied = Assert.Single(kernel.Applied);
        Assert.Equal(["d=1"], applied.Missing);
        Assert.Equal(["b=2"], applied.Different);
        Assert.Equal(["c=1"], applied.Superfluous);
        Assert.Equal(3, applied.Count);
    }

    [Fact]
    public void Nothing_is_sent_if_nothing_differs()
    {
        FakeObjects kernel = new("a=1", "b=1");
        Outcome<string> outcome = new Reconciler<string, string>(kernel).Reconcile(["b=1", "a=1"]);
        Assert.True(outcome.Difference.IsEmpty);
        Assert.Empty(kernel.Applied);
    }

    [Fact]
    public void What_is_refused_is_named_and_tried_again()
    {
        FakeObjects kernel = new() { Refused = "b=1" };
        Reconciler<string, string> reconciler = new(kernel);
        (string item, NetlinkException error) = Assert.Single(reconciler.Reconcile(["a=1", "b=1"]).Failures);
        Assert.Equal(("b=1", Errno.EINVAL), (item, error.Errno));

        kernel.Refused = null;
        Assert.True(reconciler.Reconcile(["a=1", "b=1"]).IsWhole);
        Assert.Equal(["b=1"], kernel.Applied[^1].Missing);
        Assert.True(reconciler.Reconcile(["a=1", "b=1"]).Difference.IsEmpty);
    }

    [Fact]
    public void Of_what_is_there_twice_the_right_one_stays()
    {
        FakeObjects kernel = new("a=2", "a=1", "a=1");
        Difference<string> difference = new Reconciler<string, string>(kernel).Reconcile(["a=1"]).Difference;
        Assert.Empty(difference.Missing);
        Assert.Empty(difference.Different);
        Assert.Equal(["a=1", "a=2"], difference.Superfluous.Order());
    }

    [Fact]
    public void Of_what_is_there_twice_and_wrong_one_is_changed()
    {
        FakeObjects kernel = new("a=2", "a=3");
        Difference<string> difference = new Reconciler<string, string>(kernel).Reconcile(["a=1"]).Difference;
        Assert.Equal(["a=1"], difference.Different);
        Assert.Equal(["a=3"], difference.Superfluous);
    }

    [Fact]
    public void A_key_cannot_be_wanted_twice() =>
        Assert.Throws<ArgumentException>(() => new Reconciler<string, string>(new FakeObjects()).Reconcile(["a=1", "a=2"]));

    /// <summary>Objects such as <c>key=value</c>.</summary>
    private sealed class FakeObjects(params string[] present) : IOwnedObjects<string, string>
    {
        private readonly List<string> _present = [.. present];

        public List<Difference<string>> Applied { get; } = [];

        public string? Refused { get; set; }

        public IReadOnlyList<string> List() => [.. _present];

        public string KeyOf(string item) => item.Split('=')[0];

        public bool IsAsWanted(string present, string wanted) => present == wanted;

        public IReadOnlyList<(string Item, NetlinkException Error)> Apply(Difference<string> difference)
        {
            Applied.Add(difference);
            foreach (string item in difference.Superfluous)
                _ = _present.Remove(item);
            foreach (string item in difference.Different.Concat(difference.Missing).Where(item => item != Refused))
            {
                _ = _present.RemoveAll(other => KeyOf(other) == KeyOf(item));
                _present.Add(item);
            }
            return Refused is { } refused && difference.Missing.Contains(refused)
                ? [(refused, new NetlinkException(Errno.EINVAL, $"add {refused}"))]
                : [];
        }
    }
}
