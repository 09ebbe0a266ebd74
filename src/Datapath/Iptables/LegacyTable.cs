using Linux.Addresses;
using Linux.Sockets;

namespace Datapath.Iptables;

/// <summary>
/// A table of iptables-legacy, taken apart: places are entries and no longer offsets, so that entries can be put between others.
/// </summary>
public sealed class LegacyTable
{
    private readonly IpFamily _family;
    private readonly XtablesTable _read;
    private readonly List<LegacyRule> _entries = [];
    private readonly LegacyRule?[] _first;
    private readonly LegacyRule?[] _policies;

    /// <summary>Takes a table apart.</summary>
    public LegacyTable(IpFamily family, XtablesTable table)
    {
        (_family, _read) = (family, table);
        Dictionary<int, LegacyRule> byOffset = [];
        for (int offset = 0; offset < table.Entries.Length; offset += _entries[^1].Size)
        {
            _entries.Add(LegacyRule.Read(family, table.Entries, offset, _entries.Count));
            byOffset[offset] = _entries[^1];
        }
        foreach (LegacyRule rule in _entries)
        {
            if (rule is { FallsThrough: false, Verdict: >= 0 and var target })
                rule.JumpsTo = byOffset[target];
        }
        LegacyRule?[] Find(uint[] offsets) =>
            [.. offsets.Select((offset, hook) => (table.ValidHooks & (1u << hook)) != 0 ? byOffset[(int)offset] : null)];
        (_first, _policies) = (Find(table.HookEntries), Find(table.Underflows));
    }

    /// <summary>The rules of a hook's chain (NF_INET_*), its policy last.</summary>
    public IReadOnlyList<LegacyRule> Chain(int hook) =>
        _first[hook] is { } first ? _entries[_entries.IndexOf(first)..(_entries.IndexOf(_policies[hook]!) + 1)] : [];

    /// <summary>The first rule of a chain that is none of a hook's; null if there is no such chain.</summary>
    public LegacyRule? FindChain(string name)
    {
        // The last entry ends the table and is no chain.
        int head = _entries.FindIndex(0, _entries.Count - 1, entry => entry.ChainName == name);
        return head < 0 ? null : _entries[head + 1];
    }

    /// <summary>Makes a chain.</summary>
    /// <returns>Its first rule.</returns>
    public LegacyRule AddChain(string name)
    {
        (LegacyRule head, LegacyRule policy) = LegacyRule.Chain(_family, name);
        _entries.InsertRange(_entries.Count - 1, [head, policy]);
        return policy;
    }

    /// <summary>Puts a rule in front of another.</summary>
    public void Insert(LegacyRule rule, LegacyRule before)
    {
        _entries.Insert(_entries.IndexOf(before), rule);
        Redirect(before, rule);
    }

    /// <summary>Takes a rule out.</summary>
    public void Remove(LegacyRule rule)
    {
        int index = _entries.IndexOf(rule);
        Redirect(rule, _entries[index + 1]);
        _entries.RemoveAt(index);
    }

    /// <summary>Puts the table together.</summary>
    public XtablesTable Build()
    {
        Dictionary<LegacyRule, int> offsets = [];
        int size = 0;
        foreach (LegacyRule entry in _entries)
        {
            offsets[entry] = size;
            size += entry.Size;
        }
        byte[] bytes = new byte[size];
        foreach (LegacyRule entry in _entries)
            entry.Write(bytes.AsSpan(offsets[entry], entry.Size), offsets[entry], entry.JumpsTo is { } target ? offsets[target] : null);
        uint[] Places(LegacyRule?[] places, uint[] former) =>
            [.. places.Zip(former, (place, none) => place is null ? none : (uint)offsets[place])];
        return _read with
        {
            HookEntries = Places(_first, _read.HookEntries),
            Underflows = Places(_policies, _read.Underflows),
            Count = _entries.Count,
            Entries = bytes,
        };
    }

    /// <summary>What was counted before, in the order of the entries now.</summary>
    public byte[] Arrange(ReadOnlySpan<byte> counters)
    {
        byte[] arranged = new byte[_entries.Count * XtablesTable.CounterSize];
        for (int i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].FormerIndex is >= 0 and var former)
            {
                counters.Slice(former * XtablesTable.CounterSize, XtablesTable.CounterSize)
                    .CopyTo(arranged.AsSpan(i * XtablesTable.CounterSize));
            }
        }
        return arranged;
    }

    /// <summary>A chain that began with an entry begins with another now. Only a chain's first rule is jumped to.</summary>
    private void Redirect(LegacyRule former, LegacyRule first)
    {
        for (int hook = 0; hook < _first.Length; hook++)
        {
            if (_first[hook] == former)
                _first[hook] = first;
        }
        foreach (LegacyRule rule in _entries.Where(rule => rule.JumpsTo == former))
            rule.JumpsTo = first;
    }
}
