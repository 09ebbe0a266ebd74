namespace Cni;

/// <summary>What messages say was expected of a value.</summary>
internal static class Expectation
{
    public const string Text = "a string";
    public const string Boolean = "true or false";
    public const string List = "a list";
    public const string Object = "an object";
    public const string Address = "an IP address such as 10.1.2.3 or fd00::1";
    public const string Prefix = "an address with its prefix length such as 10.1.2.3/24";
    public const string Mac = "a MAC address such as 02:00:00:00:00:01";
}
