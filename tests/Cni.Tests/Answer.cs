using System.Text.Json;
using TestKit;

namespace Cni.Tests;

/// <summary>What a call answered.</summary>
internal static class Answer
{
    /// <summary>Runs a call that must fail with one error document.</summary>
    public static (int Code, string Message, string Details) Error(
        FakeHost host, FakePlugin plugin, Func<Exception, CniException?>? translate = null)
    {
        Assert.NotEqual(0, CniProgram.Run(host, plugin, translate));
        using JsonDocument document = JsonDocument.Parse(host.Output);
        JsonElement root = document.RootElement;
        Assert.Contains(root.GetProperty("cniVersion").GetString(), CniVersions.All);
        int code = root.GetProperty("code").GetInt32();
        Assert.True(CniErrorCodes.IsAssigned((ulong)code), $"code {code} is reserved");
        string message = root.GetProperty("msg").GetString()!;
        Assert.NotEqual("", message);
        return (code, message, root.TryGetProperty("details", out JsonElement details) ? details.GetString()! : "");
    }

    /// <summary>Runs a call that must succeed in silence.</summary>
    public static void Silence(FakeHost host, FakePlugin plugin)
    {
        int status = CniProgram.Run(host, plugin);
        Assert.True(status == 0, string.Join('\n', host.Outputs));
        Assert.Empty(host.Outputs);
    }

    /// <summary>Runs an ADD that must succeed.</summary>
    public static JsonElement Result(FakeHost host, FakePlugin plugin)
    {
        int status = CniProgram.Run(host, plugin);
        Assert.True(status == 0, string.Join('\n', host.Outputs));
        using JsonDocument document = JsonDocument.Parse(host.Output);
        return document.RootElement.Clone();
    }
}
