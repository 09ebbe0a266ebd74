using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Linux;

namespace Cni;

/// <summary>A string that has a form of its own. What does not fit is an <see cref="InvalidValueException"/>.</summary>
internal abstract class TextConverter<T> : JsonConverter<T>
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()!) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        throw new NotSupportedException("configurations are only read");

    protected abstract T? Parse(string text);
}

/// <summary><c>10.1.2.3/24</c>.</summary>
internal sealed class IpPrefixConverter : TextConverter<IpPrefix>
{
    protected override IpPrefix Parse(string text) =>
        IpPrefix.TryParse(text, out IpPrefix prefix) ? prefix : throw new InvalidValueException();
}

/// <summary><c>10.1.2.3</c>; "" is null.</summary>
internal sealed class IPAddressConverter : TextConverter<IPAddress>
{
    protected override IPAddress? Parse(string text)
    {
        if (text.Length == 0)
            return null;
        return IpText.TryParse(text, out IPAddress address) ? address : throw new InvalidValueException();
    }
}

/// <summary><c>02:00:00:00:00:01</c>.</summary>
internal sealed class MacAddressConverter : TextConverter<MacAddress>
{
    protected override MacAddress Parse(string text) =>
        MacAddress.TryParse(text, out MacAddress address) ? address : throw new InvalidValueException();
}

/// <summary>The type is right, the value makes no sense.</summary>
internal sealed class InvalidValueException : JsonException;
