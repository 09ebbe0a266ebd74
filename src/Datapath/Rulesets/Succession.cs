using Datapath.Attachments;
using Netlink.Nftables;

namespace Datapath.Rulesets;

/// <summary>
/// Who has the elements under some keys and who comes next (<see cref="HeirSet"/>), at one generation of the ruleset. It is changed here,
/// and then in the kernel as one step, so whoever is killed leaves it as it was or as it was meant.
/// </summary>
public sealed class Succession
{
    private readonly Dictionary<(NftSet Set, NftValue Key), Line> _lines;
    private readonly Dictionary<NftSet, List<NftElement>> _entries;
    private readonly Dictionary<string, bool> _judged = [];

    private Succession(uint generation, Dictionary<(NftSet, NftValue), Line> lines, Dictionary<NftSet, List<NftElement>> entries) =>
        (Generation, _lines, _entries) = (generation, lines, entries);

    /// <summary>The ruleset's generation that was read.</summary>
    public uint Generation { get; }

    /// <summary>Reads it. Without heirs that is one datagram.</summary>
    /// <exception cref="Netlink.NetlinkException">The kernel refused.</exception>
    public static Succession Read(NftClient nft, IEnumerable<(NftSet Set, NftValue Key)> keys)
    {
        Dictionary<(NftSet Set, NftValue Key), Line> lines = [];
        foreach ((NftSet, NftValue) key in keys)
            _ = lines.TryAdd(key, new Line());
        NftSet[] sets = [.. lines.Keys.Select(static key => key.Set).Distinct()];
        (uint generation, List<(NftSet Set, NftElement Element)> elements, List<NftSet> present) = nft.Find(
            lines.Keys, [.. sets.Select(HeirSet.Of)]);
        foreach ((NftSet set, NftElement element) in elements)
            lines[(set, element.Key)].Owner = element;
        Dictionary<NftSet, List<NftElement>> entries = [];
        foreach (NftSet set in sets.Where(
            set => HeirSet.Of(set) is var wanted && present.Exists(found => (found.Table, found.Name) == (wanted.Table, wanted.Name))))
        {
            entries[set] = nft.ListElements(HeirSet.Of(set));
            foreach (NftElement entry in entries[set].OrderBy(static entry => entry.Key.ToString(), StringComparer.Ordinal))
            {
                NftElement heir = HeirSet.HeirOf(set, entry);
                if (lines.TryGetValue((set, heir.Key), out Line? line))
                    line.Entries.Add(entry);
            }
        }
        foreach (((NftSet set, _), Line line) in lines)
        {
            // What somebody has written there by hand is nobody's, and goes with the next change.
            IEnumerable<NftElement> heirs = line.Entries.Select(entry => HeirSet.HeirOf(set, entry))
                .Where(static heir => AttachmentTag.Find(heir.Comment ?? "") is not null);
            line.Now = [.. line.Owner is { } owner ? (NftElement[])[owner] : [], .. heirs];
        }
        return new Succession(generation, lines, entries);
    }

    /// <summary>Who has an element, then its heirs.</summary>
    public IReadOnlyList<NftElement> LineOf(NftSet set, NftValue key) => _lines[(set, key)].Now;

    /// <summary>Takes attachments out. What they had is the first living heir's now.</summary>
    /// <param name="isMeant">By the comment.</param>
    /// <returns>The elements that they had or waited for.</returns>
    public List<NftElement> Remove(Predicate<string?> isMeant)
    {
        List<NftElement> removed = [];
        foreach (Line line in _lines.Values)
        {
            bool wasFirst = line.Now.Count > 0 && isMeant(line.Now[0].Comment);
            removed.AddRange(line.Now.Where(element => isMeant(element.Comment)));
            _ = line.Now.RemoveAll(element => isMeant(element.Comment));
            if (wasFirst && line.Now.FindIndex(heir => IsAlive(heir.Comment)) is > 0 and var living)
                (line.Now[0], line.Now[living]) = (line.Now[living], line.Now[0]);
        }
        return removed;
    }

    /// <summary>
    /// The living attachment that has an element or is to have it next; the dead ones in front of it go. Null if there is none.
    /// </summary>
    public NftElement? FindLiving(NftSet set, NftValue key)
    {
        List<NftElement> line = _lines[(set, key)].Now;
        while (line.Count > 0 && !IsAlive(line[0].Comment))
            line.RemoveAt(0);
        return line.FirstOrDefault();
    }

    /// <summary>Puts an element at the end of its line.</summary>
    /// <param name="set">The set.</param>
    /// <param name="element">The comment begins with a tag.</param>
    public void Append(NftSet set, NftElement element) => _lines[(set, element.Key)].Now.Add(element);

    /// <summary>Puts the changes into a batch, which must be bound to <see cref="Generation"/> or an earlier one.</summary>
    public void AppendTo(NftBatch batch)
    {
        foreach (IGrouping<NftSet, Line> set in _lines.GroupBy(static entry => entry.Key.Set, static entry => entry.Value))
        {
            Line[] changed = [.. set.Where(static line => line.Owner != line.Now.FirstOrDefault())];
            NftElement[] gone = [.. changed.Select(static line => line.Owner).OfType<NftElement>()];
            NftElement[] come = [.. changed.Select(static line => line.Now.FirstOrDefault()).OfType<NftElement>()];
            if (gone.Length > 0)
                _ = batch.DeleteElements(set.Key, gone);
            if (come.Length > 0)
                _ = batch.CreateElements(set.Key, come);
            AppendHeirs(batch, set.Key, [.. set]);
        }
    }

    private void AppendHeirs(NftBatch batch, NftSet set, Line[] lines)
    {
        NftSet heirSet = HeirSet.Of(set);
        NftElement[] gone = [.. lines.SelectMany(line => line.Entries.Where(entry => !line.Heirs.Contains(HeirSet.HeirOf(set, entry))))];
        NftElement[] come = [.. lines.SelectMany(line => line.Heirs.Select(HeirSet.EntryOf).Where(entry => !line.Entries.Contains(entry)))];
        bool exists = _entries.TryGetValue(set, out List<NftElement>? all);
        if (exists && come.Length == 0 && gone.Length == all!.Count)
        {
            _ = batch.DeleteSet(heirSet);
            return;
        }
        if (gone.Length > 0)
            _ = batch.DeleteElements(heirSet, gone);
        if (come.Length == 0)
            return;
        if (!exists)
            _ = batch.AddSet(heirSet);
        _ = batch.CreateElements(heirSet, come);
    }

    /// <summary>Many elements may be one attachment's.</summary>
    private bool IsAlive(string? comment) =>
        comment is not null && (_judged.TryGetValue(comment, out bool known) ? known : _judged[comment] = ElementOwner.IsAlive(comment));

    /// <summary>The attachments that have or want one element.</summary>
    private sealed class Line
    {
        /// <summary>As the kernel has it.</summary>
        public NftElement? Owner { get; set; }

        /// <summary>The heirs as the kernel has them.</summary>
        public List<NftElement> Entries { get; } = [];

        /// <summary>As it is to be: who has it, then its heirs.</summary>
        public List<NftElement> Now { get; set; } = [];

        public IEnumerable<NftElement> Heirs => Now.Skip(1);
    }
}
