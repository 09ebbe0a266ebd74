using Cni;

namespace Plugins.Configuration;

/// <summary>The key <c>routeMetric</c>: which of two networks of a pod has the stronger routes, such as two default ones.</summary>
internal static class RouteMetric
{
    /// <summary>Reads the key on which a cursor stands; null for 0, which leaves it to the kernel.</summary>
    /// <exception cref="CniException">It is negative.</exception>
    public static int? Read(ref JsonCursor json) => json.Int32() switch
    {
        0 => null,
        > 0 and var metric => metric,
        _ => throw json.Invalid("a metric of 1 or more, lower is stronger, or 0 for the kernel's default"),
    };
}
