using System.Reflection;
using System.Runtime.CompilerServices;

namespace TestKit;

/// <summary>
/// What others may build on stands in the file PublicApi.txt of a test project. If a change is meant, copy what the message names as the
/// actual text there.
/// </summary>
public static class PublicSurface
{
    /// <summary>Compares an assembly's public types and members with the file.</summary>
    public static void AssertPromised(Assembly assembly)
    {
        string actualFile = Path.Combine(AppContext.BaseDirectory, "PublicApi.actual.txt");
        string[] actual = [.. assembly.GetExportedTypes().SelectMany(Describe).Order(StringComparer.Ordinal)];
        string[] promised = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PublicApi.txt"));
        File.WriteAllLines(actualFile, actual);
        IEnumerable<string> gone = promised.Except(actual).Select(static line => "- " + line);
        IEnumerable<string> added = actual.Except(promised).Select(static line => "+ " + line);
        string difference = string.Join('\n', gone.Concat(added));
        Assert.True(
            actual.SequenceEqual(promised),
            $"The public API of {assembly.GetName().Name} differs from PublicApi.txt; the actual one is in {actualFile}:\n{difference}");
    }

    private static IEnumerable<string> Describe(Type type)
    {
        // What the compiler makes of an extension block to remember it; its members stand in the class itself, as methods.
        if (type.IsSpecialName)
            yield break;
        const BindingFlags Declared =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        string name = Name(type);
        yield return type.IsEnum ? $"{name} : {Name(type.GetEnumUnderlyingType())}" : name;
        if (type.IsSubclassOf(typeof(MulticastDelegate)))
            yield break;
        foreach (MemberInfo member in type.GetMembers(Declared))
        {
            if (!IsPromised(member) || member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name == "<Clone>$")
                continue;
            string? text = member switch
            {
                FieldInfo { IsLiteral: true } field when !field.IsSpecialName => $"{member.Name} = {field.GetRawConstantValue()}",
                ConstructorInfo constructor => $"new({Parameters(constructor)})",
                PropertyInfo property => $"{Name(property.PropertyType)} {member.Name} {{ {(property.GetMethod is null ? "" : "get; ")}"
                    + $"{(property.SetMethod is { IsPublic: true } ? "set; " : "")}}}",
                MethodInfo { IsSpecialName: false } method => $"{Name(method.ReturnType)} {member.Name}({Parameters(method)})",
                _ => null,
            };
            if (text is not null)
                yield return $"{name}: {text}";
        }
    }

    /// <summary>What callers see, and what derived types do.</summary>
    private static bool IsPromised(MemberInfo member) => member switch
    {
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsPromised),
        _ => true,
    };

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(static parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        string name = type.IsGenericType ? type.Name.Split('`')[0] : type.Name;
        if (type.IsGenericType)
            name += $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}.{name}" : name;
    }
}
