using System.Reflection;
using TestKit;

namespace EndToEnd.Conformance;

/// <summary>Every item of checklist.txt is asserted on the binary, or there is a reason why not.</summary>
public sealed class ChecklistTests
{
    private const string Checklist = "tests/EndToEnd/Conformance/checklist.txt";

    /// <summary>Items that say nothing about the plugins that are delivered.</summary>
    private static readonly Dictionary<string, string> s_exemptions = new();

    [Fact]
    public void Every_item_has_a_test_or_a_reason()
    {
        HashSet<string> tested = [.. Marks()];
        string[] checklist =
        [
            .. SourceTree.Lines(Checklist)
                .Where(static line => line is ['C', >= '0' and <= '9', ..])
                .Select(static line => line.Split(' ')[0]),
        ];

        Assert.NotEmpty(checklist);
        Assert.Equal(checklist.Distinct(), checklist);
        Assert.Empty(checklist.Except(tested).Except(s_exemptions.Keys));
        Assert.Empty(tested.Except(checklist));
        Assert.Empty(tested.Intersect(s_exemptions.Keys));
    }

    private static IEnumerable<string> Marks() =>
        from type in typeof(ChecklistTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        from attribute in method.GetCustomAttributesData()
        where attribute.AttributeType == typeof(TraitAttribute) && (string)attribute.ConstructorArguments[0].Value! == "Conformance"
        select (string)attribute.ConstructorArguments[1].Value!;
}
