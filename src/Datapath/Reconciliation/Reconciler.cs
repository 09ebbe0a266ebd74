using Netlink;

namespace Datapath.Reconciliation;

/// <summary>
/// Makes the kernel have what is wanted: looks at what there is, and sends the difference alone, in one batch; nothing if there is none. It
/// remembers nothing, so whoever was there before it, or changed something beside it, makes no difference to it.
/// </summary>
/// <param name="objects">What is reconciled.</param>
public sealed class Reconciler<TKey, TItem>(IOwnedObjects<TKey, TItem> objects)
    where TKey : notnull
{
    /// <summary>Applies the difference.</summary>
    /// <param name="wanted">All that there should be; each key once.</param>
    /// <returns>What differed, and which of it was refused: that differs the next time, too, and is tried again then.</returns>
    /// <exception cref="NetlinkException">What there is cannot be told, or the answer was lost.</exception>
    public Outcome<TItem> Reconcile(IEnumerable<TItem> wanted)
    {
        Difference<TItem> difference = Compare(wanted);
        return new Outcome<TItem>(difference, difference.IsEmpty ? [] : objects.Apply(difference));
    }

    private Difference<TItem> Compare(IEnumerable<TItem> wanted)
    {
        Dictionary<TKey, TItem> open = wanted.ToDictionary(objects.KeyOf);
        List<TItem> right = [], rest = [], different = [], superfluous = [];
        foreach (TItem item in objects.List())
        {
            bool isRight = open.TryGetValue(objects.KeyOf(item), out TItem? meant) && objects.IsAsWanted(item, meant);
            (isRight ? right : rest).Add(item);
        }
        // The kernel allows some kinds twice: one that is right stays, else one is changed, and the others go.
        superfluous.AddRange(right.Where(item => !open.Remove(objects.KeyOf(item))));
        foreach (TItem item in rest)
        {
            if (open.Remove(objects.KeyOf(item), out TItem? meant))
                different.Add(meant);
            else
                superfluous.Add(item);
        }
        return new Difference<TItem>([.. open.Values], different, superfluous);
    }
}
