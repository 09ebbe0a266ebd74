namespace Cni;

internal static class CniVerbText
{
    /// <summary>The value of CNI_COMMAND.</summary>
    public static string ToCommand(this CniVerb verb) => verb switch
    {
        CniVerb.Add => "ADD",
        CniVerb.Del => "DEL",
        CniVerb.Check => "CHECK",
        CniVerb.Gc => "GC",
        CniVerb.Status => "STATUS",
        CniVerb.Version => "VERSION",
        _ => throw new ArgumentOutOfRangeException(nameof(verb)),
    };

    /// <summary>The verb that a CNI_COMMAND names; upper case only, null if it names none.</summary>
    public static CniVerb? Parse(string command) => command switch
    {
        "ADD" => CniVerb.Add,
        "DEL" => CniVerb.Del,
        "CHECK" => CniVerb.Check,
        "GC" => CniVerb.Gc,
        "STATUS" => CniVerb.Status,
        "VERSION" => CniVerb.Version,
        _ => null,
    };
}
