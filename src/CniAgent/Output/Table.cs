using System.Text;

namespace CniAgent.Output;

/// <summary>Rows in columns, each as wide as its longest cell.</summary>
/// <param name="headings">The columns' headings.</param>
internal sealed class Table(params IReadOnlyList<string> headings)
{
    private const int Gap = 2;

    private readonly List<IReadOnlyList<string>> _rows = [headings];

    /// <summary>Adds a row.</summary>
    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    /// <inheritdoc/>
    public override string ToString()
    {
        int[] widths = [.. Enumerable.Range(0, _rows[0].Count).Select(column => _rows.Max(row => row[column].Length) + Gap)];
        StringBuilder text = new();
        foreach (IReadOnlyList<string> row in _rows)
        {
            string line = string.Concat(row.Select((cell, column) => cell.PadRight(widths[column])));
            _ = text.Append(line.TrimEnd()).Append('\n');
        }
        return text.ToString();
    }
}
