namespace Cni;

/// <summary>What a runtime asks a plugin to do. Source: CNI specification 1.1.0, section 2, "CNI operations".</summary>
public enum CniVerb
{
    Add,
    Del,
    Check,
    Gc,
    Status,
    Version,
}
