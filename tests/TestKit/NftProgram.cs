using System.Diagnostics;
using Linux.Namespaces;

namespace TestKit;

/// <summary>The nft program, the judge of what we write.</summary>
public static class NftProgram
{
    /// <summary>Runs nft in a namespace and returns what it prints.</summary>
    public static string Run(NetworkNamespace networkNamespace, string input, params string[] arguments) => networkNamespace.Run(() =>
    {
        // A child inherits the namespace of the thread that starts it.
        ProcessStartInfo start = new("nft", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process nft = Process.Start(start)!;
        Task<string> errors = nft.StandardError.ReadToEndAsync();
        nft.StandardInput.Write(input);
        nft.StandardInput.Close();
        string output = nft.StandardOutput.ReadToEnd();
        nft.WaitForExit();
        Assert.True(nft.ExitCode == 0, $"nft {string.Join(' ', arguments)}: {errors.Result}\n{input}");
        return output;
    });

    /// <summary>Loads a file's text.</summary>
    public static void Load(NetworkNamespace networkNamespace, string ruleset) => Run(networkNamespace, ruleset, "-f", "-");

    /// <summary>Lists everything.</summary>
    public static string List(NetworkNamespace networkNamespace) => Run(networkNamespace, "", "list", "ruleset");

    /// <summary>Asserts that nft lists a ruleset as this text, and that it reads its own listing back as the same.</summary>
    public static void AssertListing(NetworkNamespace networkNamespace, string expected)
    {
        string listing = List(networkNamespace);
        Assert.Equal(Lines(expected), Lines(listing));
        using NetworkNamespace other = NetworkNamespace.Create();
        Load(other, listing);
        Assert.Equal(Lines(listing), Lines(List(other)));
    }

    /// <summary>The lines of a text without indentation and empty lines, which carry nothing.</summary>
    public static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
