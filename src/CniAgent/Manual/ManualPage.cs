using System.Text;

namespace CniAgent.Manual;

/// <summary>A manual page in the macros of man(7).</summary>
internal sealed class ManualPage
{
    private readonly StringBuilder _text = new();

    /// <param name="name">The page's name.</param>
    /// <param name="section">Its section, 1 to 8.</param>
    /// <param name="version">Of the program.</param>
    /// <param name="title">What the page is about, in a few words.</param>
    public ManualPage(string name, int section, string version, string title)
    {
        FileName = $"{name}.{section}";
        _ = _text.Append($".TH \"{name.ToUpperInvariant()}\" {section} \"\" \"cniplugin {version}\" \"CniPlugin\"\n");
        Section("NAME");
        _ = _text.Append($"{Escape(name)} \\- {Escape(title)}\n");
    }

    /// <summary>The file's name, <c>cnictl.1</c>.</summary>
    public string FileName { get; }

    /// <summary>Begins a section.</summary>
    public void Section(string title) => _text.Append($".SH \"{Escape(title)}\"\n");

    /// <summary>Begins a part of a section.</summary>
    public void Part(string title) => _text.Append($".SS \"{Escape(title)}\"\n");

    /// <summary>Adds a paragraph.</summary>
    public void Paragraph(string text) => _text.Append($".PP\n{Escape(text)}\n");

    /// <summary>Adds a term in bold, and what it means.</summary>
    /// <param name="term">The term.</param>
    /// <param name="value">A placeholder behind it, in italics; "" for none.</param>
    /// <param name="meaning">What it means.</param>
    public void Term(string term, string value, string meaning) =>
        _text.Append($".TP\n\\fB{Escape(term)}\\fR{(value.Length > 0 ? $" \\fI{Escape(value)}\\fR" : "")}\n{Escape(meaning)}\n");

    /// <summary>Adds lines as they are.</summary>
    public void Example(string lines) => _text.Append($".PP\n.in +4n\n.EX\n{Escape(lines.TrimEnd())}\n.EE\n.in\n");

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    // A point or an apostrophe at the beginning of a line would be a macro.
    private static string Escape(string text) => string.Join(
        '\n',
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Split('\n')
            .Select(static line => line.StartsWith('.') || line.StartsWith('\'') ? $"\\&{line}" : line));
}
