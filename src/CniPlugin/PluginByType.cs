using Cni;
using Plugins;

namespace CniPlugin;

/// <summary>
/// Stands for the plugin that the configuration's <c>type</c> names, where the executable was called by a name that is no plugin's.
/// </summary>
/// <param name="name">That name.</param>
internal sealed class PluginByType(string name) : ICniPlugin
{
    /// <inheritdoc/>
    public string Type => name;

    /// <inheritdoc/>
    /// <exception cref="CniException"><see cref="CniErrorCode.InvalidEnvironment"/>: <c>type</c> names none either.</exception>
    public ICniPlugin For(ReadOnlySpan<byte> configuration)
    {
        string type = "";
        JsonCursor json = new(configuration, "network configuration");
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("type"u8))
                type = json.String();
        }
        return PluginTable.Create(type) ?? throw new CniException(
            CniErrorCode.InvalidEnvironment,
            $"called as {name}, and type is \"{type}\": neither is a plugin of this executable (cniplugin {ProductVersion.Text}), "
            + $"which is {string.Join(", ", PluginTable.Types)}; make {name} a link to the link of one of them");
    }

    /// <inheritdoc/>
    public CniResult Add(CniInvocation call) => For(call.Input.Span).Add(call);

    /// <inheritdoc/>
    public void Del(CniInvocation call) => For(call.Input.Span).Del(call);

    /// <inheritdoc/>
    public void Check(CniInvocation call) => For(call.Input.Span).Check(call);

    /// <inheritdoc/>
    public void Status(CniInvocation call) => For(call.Input.Span).Status(call);

    /// <inheritdoc/>
    public void Gc(CniInvocation call) => For(call.Input.Span).Gc(call);
}
