using Cni;
using Linux.Addresses;

namespace Plugins.Configuration;

/// <summary>The container end's MAC address from the places where a caller may ask for one.</summary>
internal static class RequestedMac
{
    /// <summary>
    /// The address of the strongest source: CNI_ARGS <c>MAC</c> is overruled by <c>args.cni.mac</c>, and that by <c>runtimeConfig.mac</c>.
    /// </summary>
    /// <exception cref="CniException">A given address cannot be used, even if a stronger source overrules it.</exception>
    public static MacAddress? Read(CniInvocation call, string argsMac, string runtimeMac)
    {
        MacAddress? weakest = Parse(CniErrorCode.InvalidEnvironment, "CNI_ARGS MAC", call.Args.Find("MAC"));
        MacAddress? middle = Parse(CniErrorCode.InvalidNetworkConfig, "args.cni.mac", argsMac);
        MacAddress? strongest = Parse(CniErrorCode.InvalidNetworkConfig, "runtimeConfig.mac", runtimeMac);
        return strongest ?? middle ?? weakest;
    }

    /// <summary>
    /// The same where the configuration has a key <c>mac</c> of its own, which CNI_ARGS <c>MAC</c> and <c>runtimeConfig.mac</c> overrule.
    /// </summary>
    /// <exception cref="CniException">A given address cannot be used, even if a stronger source overrules it.</exception>
    public static MacAddress? ReadOverConfig(CniInvocation call, string configMac, string runtimeMac)
    {
        MacAddress? configured = Parse(CniErrorCode.InvalidNetworkConfig, "mac", configMac);
        return Read(call, argsMac: "", runtimeMac) ?? configured;
    }

    /// <summary>The member <c>mac</c> of the object on which a cursor stands; "" if there is none.</summary>
    public static string ReadMember(ref JsonCursor json)
    {
        string mac = "";
        json.EnterObject();
        while (json.NextMember())
        {
            if (json.Is("mac"u8))
                mac = json.String();
        }
        return mac;
    }

    /// <summary>An address that somebody asks for; null if the text is empty.</summary>
    /// <param name="code">What kind of failure a bad one is.</param>
    /// <param name="source">Where the text stands, for the message.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="CniException">It cannot be used.</exception>
    public static MacAddress? Parse(CniErrorCode code, string source, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (!MacAddress.TryParse(text, out MacAddress mac))
            throw new CniException(code, $"{source} is \"{text}\", expected a MAC address such as 02:00:00:00:00:01");
        return mac.IsUnicast
            ? mac
            : throw new CniException(
                code,
                $"{source} is \"{text}\", a group address or all zeros; an interface needs a unicast address such as 02:00:00:00:00:01");
    }
}
