using System.Reflection;

namespace EndToEnd.Conformance;

/// <summary>Every item of the conformance checklist (C1 to C80) is asserted on the binary, or there is a reason why not.</summary>
public sealed class ChecklistTests
{
    private const int Items = 80;

    /// <summary>Items that say nothing about the plugins that are delivered.</summary>
    private static readonly Dictionary<string, string> _exemptions = new();

    [Fact]
    public void Every_item_has_a_test_or_a_reason()
    {
        HashSet<string> tested = [.. Marks()];
        string[] checklist = [.. Enumerable.Range(1, Items).Select(number => $"C{number}")];

        Assert.Empty(checklist.Except(tested).Except(_exemptions.Keys));
        Assert.Empty(tested.Except(checklist));
        Assert.Empty(tested.Intersect(_exemptions.Keys));
    }

    private static IEnumerable<string> Marks() =>
        from type in typeof(ChecklistTests).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        from attribute in method.GetCustomAttributesData()
        where attribute.AttributeType == typeof(TraitAttribute) && (string)attribute.ConstructorArguments[0].Value! == "Conformance"
        select (string)attribute.ConstructorArguments[1].Value!;
}
