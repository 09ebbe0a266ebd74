namespace Cni;

/// <summary>
/// One plugin. <see cref="CniProgram"/> has checked environment, configuration and version when it calls a verb, and turns whatever the
/// verb throws into an error answer.
/// </summary>
public interface ICniPlugin
{
    /// <summary>The configuration's <c>type</c>: the name of the executable.</summary>
    string Type { get; }

    /// <summary>The versions that a configuration may have, oldest first.</summary>
    IReadOnlyList<string> SupportedVersions => CniVersions.All;

    /// <summary>
    /// Whether ADD and CHECK work inside CNI_NETNS, so that it must be a network namespace. IPAM plugins leave it alone: they serve virtual
    /// machines too.
    /// </summary>
    bool NeedsNetNS => true;

    /// <summary>Who serves a configuration: this plugin, unless its executable was called by a name that leaves it open.</summary>
    /// <param name="configuration">Sound JSON.</param>
    ICniPlugin For(ReadOnlySpan<byte> configuration) => this;

    /// <summary>Attaches. A failure leaves nothing behind.</summary>
    CniResult Add(CniInvocation call);

    /// <summary>
    /// Detaches; succeeds when nothing is left, whatever was there before. Called too when the answer to an ADD could not be delivered.
    /// </summary>
    void Del(CniInvocation call);

    /// <summary>Compares with what ADD made.</summary>
    void Check(CniInvocation call);

    /// <summary>Whether an ADD could be served now.</summary>
    void Status(CniInvocation call);

    /// <summary>Removes what belongs to none of <see cref="CniInvocation.ValidAttachments"/>.</summary>
    void Gc(CniInvocation call);
}
