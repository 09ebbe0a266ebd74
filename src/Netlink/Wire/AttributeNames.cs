namespace Netlink.Wire;

/// <summary>What the kernel calls the attributes of one nest, and what stands inside of them.</summary>
/// <param name="prefix">What all names begin with: <c>IFLA_</c>.</param>
/// <param name="names">
/// The rest of each name, in the order of their numbers from 1 on, with spaces between; - for one without a name.
/// </param>
internal sealed class AttributeNames(string prefix, string names)
{
    private readonly string[] _names = names.Split(' ');
    private readonly Dictionary<ushort, (AttributeNames Names, int Header)> _nests = [];
    private readonly Dictionary<string, AttributeNames> _byText = [];
    private ushort _textType;
    private ushort _chosenType;

    /// <summary>Every name with its number, for the comparison with the kernel's headers.</summary>
    public IEnumerable<(string Name, int Number)> All =>
        _names.Select((name, index) => ($"{prefix}{name}", index + 1)).Where(static entry => !entry.Item1.EndsWith('-'));

    /// <summary>Those that stand inside of one.</summary>
    public IEnumerable<AttributeNames> Inner => _nests.Values.Select(static nest => nest.Names).Concat(_byText.Values);

    /// <summary>Says what an attribute holds.</summary>
    /// <param name="name">The attribute.</param>
    /// <param name="inside">The attributes inside.</param>
    /// <param name="header">Bytes of a fixed header before them.</param>
    public AttributeNames With(string name, AttributeNames inside, int header = 0)
    {
        _nests.Add(NumberOf(name), (inside, header));
        return this;
    }

    /// <summary>Says that what an attribute holds depends on the text of one before it: IFLA_INFO_DATA on IFLA_INFO_KIND.</summary>
    public AttributeNames WithByText(string name, string textName, params ReadOnlySpan<(string Text, AttributeNames Inside)> choices)
    {
        (_chosenType, _textType) = (NumberOf(name), NumberOf(textName));
        foreach ((string text, AttributeNames inside) in choices)
            _byText.Add(text, inside);
        return this;
    }

    public string NameOf(ushort type) =>
        type > 0 && type <= _names.Length && _names[type - 1] != "-" ? prefix + _names[type - 1] : $"{prefix}{type}";

    /// <summary>Whether the text of an attribute decides what another holds.</summary>
    public bool Decides(ushort type) => _byText.Count > 0 && type == _textType;

    /// <param name="type">The attribute.</param>
    /// <param name="text">The text that decides, if there was one.</param>
    /// <returns>What it holds; null if it is no nest, or one that is not known.</returns>
    public (AttributeNames Names, int Header)? InsideOf(ushort type, string? text)
    {
        if (type == _chosenType && text is not null && _byText.TryGetValue(text, out AttributeNames? chosen))
            return (chosen, 0);
        return _nests.TryGetValue(type, out (AttributeNames Names, int Header) nest) ? nest : null;
    }

    private ushort NumberOf(string name) => (ushort)(Array.IndexOf(_names, name) + 1);
}
