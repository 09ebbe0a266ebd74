using System.Text.RegularExpressions;
using TestKit;

namespace Plugins.Tests;

/// <summary>What CONTRIBUTING.md asks of every file and a compiler does not see.</summary>
public sealed partial class SourceTests
{
    private const int MaxColumns = 140;
    private const int MaxLines = 400;

    private static IEnumerable<string> Files => SourceTree.Code("src", "tests");

    [Fact]
    public void No_line_has_more_than_140_columns()
    {
        IEnumerable<string> tooLong =
            from file in Files
            from line in SourceTree.Lines(file).Index()
            where line.Item.Length > MaxColumns
            select $"{file}:{line.Index + 1}";

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_file_has_more_than_400_lines() =>
        Assert.DoesNotContain(Files, static file => SourceTree.Lines(file).Count > MaxLines);

    // Where CI builds, the compiler gives every file a path that does not exist; a test that looks for files there finds none.
    [Fact]
    public void No_test_takes_the_path_of_its_own_file_for_where_it_is() => Assert.DoesNotContain(
        Files, static file => SourceTree.Lines(file).Any(static line => line.Contains($"[{"Caller"}FilePath]", StringComparison.Ordinal)));

    [Fact]
    public void Sections_that_comments_cite_exist()
    {
        (string Document, string Section)[] cited =
        [
            .. from file in Files
               from Match match in Citation().Matches(Comments(file))
               select (match.Groups["document"].Value, match.Groups["section"].Value),
        ];

        Assert.NotEmpty(cited);
        Assert.All(cited.Distinct(), static citation => Assert.Contains(
            SourceTree.Lines(citation.Document), line => line.StartsWith('#') && line.TrimStart('#', ' ') == citation.Section));
    }

    /// <summary>The comments of a file as running text: a citation may go over the end of a line.</summary>
    private static string Comments(string file) => string.Join(
        ' ',
        SourceTree.Lines(file).Select(static line => line.TrimStart()).Where(static line => line.StartsWith("//", StringComparison.Ordinal))
            .Select(static line => line.TrimStart('/', ' ')));

    [GeneratedRegex("(?<document>docs/[a-z/-]+\\.md), \"(?<section>[^\"]+)\"")]
    private static partial Regex Citation();
}
