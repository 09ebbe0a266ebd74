using System.Text;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>The plugins of one network as a runtime calls them, one behind the other, any of them killed or held at an instant.</summary>
/// <param name="caller">Calls them.</param>
/// <param name="plugin">Whose plugins.</param>
/// <param name="chain">Type and configuration of each.</param>
public sealed class ChainCalls(Caller caller, PluginProcess plugin, IReadOnlyList<(string Type, string Config)> chain)
{
    /// <summary>Where a verb is killed, or held.</summary>
    /// <param name="Index">In which plugin of the chain.</param>
    /// <param name="SystemCall">At the entry of which of its system calls; 0: not at all, but they are counted.</param>
    /// <param name="WhileHeld">What is done while it is held there; null: it is killed.</param>
    public readonly record struct Instant(int Index, long SystemCall, Action? WhileHeld = null);

    public int Count => chain.Count;

    /// <summary>The system calls that the last plugin made whose were counted or which was killed.</summary>
    public long Counted { get; private set; }

    /// <summary>Runs ADD through the chain until one of it fails or is killed.</summary>
    /// <returns>The last call's result: the whole chain's if that succeeded.</returns>
    public CallResult Add(Pod pod, Instant? instant = null)
    {
        CallResult result = Call(0, "ADD", pod, null, instant);
        for (int index = 1; index < chain.Count && result.HasSucceeded; index++)
            result = Call(index, "ADD", pod, result.Output, instant);
        return result;
    }

    /// <summary>Runs DEL backwards through the chain until one of it fails or is killed.</summary>
    /// <param name="pod">Whose attachment.</param>
    /// <param name="previous">The result that the runtime has kept; null if the ADD gave none.</param>
    /// <param name="instant">Where it is killed.</param>
    public CallResult Delete(Pod pod, string? previous, Instant? instant = null)
    {
        CallResult result = Call(chain.Count - 1, "DEL", pod, previous, instant);
        for (int index = chain.Count - 2; index >= 0 && result.HasSucceeded; index--)
            result = Call(index, "DEL", pod, previous, instant);
        return result;
    }

    /// <summary>Runs CHECK through the chain until one of it fails.</summary>
    /// <param name="pod">Whose attachment.</param>
    /// <param name="previous">The result of its ADD.</param>
    public CallResult Check(Pod pod, string previous)
    {
        CallResult result = Call(0, "CHECK", pod, previous, null);
        for (int index = 1; index < chain.Count && result.HasSucceeded; index++)
            result = Call(index, "CHECK", pod, previous, null);
        return result;
    }

    /// <summary>The configuration with the result of an earlier call.</summary>
    public static string WithPrevious(string config, string? result) =>
        result is null ? config : config.Insert(config.LastIndexOf('}'), $",\"prevResult\":{result}");

    private CallResult Call(int index, string verb, Pod pod, string? previous, Instant? instant)
    {
        string[] environment =
        [
            $"CNI_COMMAND={verb}", $"CNI_CONTAINERID={pod.ContainerId}", $"CNI_NETNS={pod.Netns}", $"CNI_IFNAME={pod.InterfaceName}",
            $"CNI_PATH={plugin.Directory}", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        ];
        (string type, string config) = chain[index];
        bool isTraced = instant is { } there && there.Index == index;
        CallResult result = caller.Call(
            $"{plugin.Directory}/{type}",
            environment.Select(Encoding.UTF8.GetBytes),
            Encoding.UTF8.GetBytes(WithPrevious(config, previous)),
            isTraced ? instant!.Value.SystemCall : null,
            isTraced ? instant!.Value.WhileHeld : null);
        if (isTraced)
            Counted = result.Calls;
        return result;
    }
}
