namespace TestKit;

/// <summary>Finds files of the repository that these tests were built in.</summary>
public static class SourceTree
{
    /// <summary>The repository's root. A build of CI forgets where its sources lay, so a caller's path does not tell it.</summary>
    public static string Root { get; } = FindRoot();

    /// <param name="path">Relative to the repository's root.</param>
    /// <param name="remedy">What to do when it is absent.</param>
    public static string File(string path, string remedy)
    {
        string file = Path.Combine(Root, path);
        return System.IO.File.Exists(file) ? file : throw new InvalidOperationException($"{file} does not exist: {remedy}.");
    }

    /// <summary>The files of one folder whose name ends so, by name.</summary>
    public static IReadOnlyList<string> Files(string folder, string extension) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), $"*{extension}").Order(StringComparer.Ordinal)];

    /// <summary>All C# files under some folders, generated ones left out, relative to the repository's root.</summary>
    public static IEnumerable<string> Code(params IEnumerable<string> folders) =>
        from folder in folders
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, file)
        where !relative.Split('/').Any(static part => part is "bin" or "obj")
        select relative;

    /// <summary>The lines of a file.</summary>
    /// <param name="path">Relative to the repository's root.</param>
    public static IReadOnlyList<string> Lines(string path) => System.IO.File.ReadAllLines(Path.Combine(Root, path));

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory.FullName, "CniPlugin.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException($"No CniPlugin.sln above {AppContext.BaseDirectory}.");
    }
}
