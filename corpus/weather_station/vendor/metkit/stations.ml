(* The stations of the network, with their places and what they measure. *)

type t = {
  id : int;
  name : string;
  latitude : float;
  longitude : float;
  height : float;
  since : int;
  hourly : bool;
}

let make id name latitude longitude height since hourly = { id; name; latitude; longitude; height; since; hourly }

let table =
  [|
    { id = 10007; name = "Alderbrook"; latitude = 53.238; longitude = 4.358; height = 2.; since = 1898; hourly = false };
    { id = 10014; name = "Aldercliff"; latitude = 50.941; longitude = 8.245; height = 980.; since = 1934; hourly = true };
    { id = 10021; name = "Alderdale"; latitude = 50.859; longitude = 6.764; height = 30.; since = 1903; hourly = false };
    { id = 10028; name = "Alderfield"; latitude = 54.245; longitude = 10.442; height = 5.; since = 1937; hourly = false };
    { id = 10035; name = "Alderford"; latitude = 56.274; longitude = 11.529; height = 240.; since = 1892; hourly = true };
    { id = 10042; name = "Alderhaven"; latitude = 50.466; longitude = 10.726; height = 48.; since = 1987; hourly = true };
    { id = 10049; name = "Alderholm"; latitude = 55.407; longitude = 8.138; height = 980.; since = 1926; hourly = true };
    { id = 10056; name = "Alderness"; latitude = 55.816; longitude = 8.750; height = 110.; since = 1904; hourly = false };
    { id = 10063; name = "Alderpoint"; latitude = 57.121; longitude = 8.079; height = 30.; since = 2007; hourly = false };
    { id = 10070; name = "Alderridge"; latitude = 55.317; longitude = 9.995; height = 520.; since = 1996; hourly = true };
    { id = 10077; name = "Alderstead"; latitude = 52.998; longitude = 10.149; height = 30.; since = 1900; hourly = false };
    { id = 10084; name = "Alderwater"; latitude = 53.002; longitude = 7.456; height = 110.; since = 1994; hourly = true };
    { id = 10091; name = "Alderwick"; latitude = 56.090; longitude = 3.659; height = 980.; since = 1987; hourly = true };
    { id = 10098; name = "Birchbrook"; latitude = 57.571; longitude = 4.368; height = 520.; since = 1987; hourly = true };
    { id = 10105; name = "Birchcliff"; latitude = 59.620; longitude = 3.699; height = 980.; since = 1960; hourly = true };
    { id = 10112; name = "Birchdale"; latitude = 56.953; longitude = 8.349; height = 520.; since = 1897; hourly = true };
    { id = 10119; name = "Birchfield"; latitude = 59.447; longitude = 7.267; height = 5.; since = 1895; hourly = false };
    { id = 10126; name = "Birchford"; latitude = 57.015; longitude = 8.824; height = 520.; since = 1952; hourly = false };
    { id = 10133; name = "Birchhaven"; latitude = 53.858; longitude = 9.018; height = 2.; since = 1998; hourly = true };
    { id = 10140; name = "Birchholm"; latitude = 51.680; longitude = 4.054; height = 2.; since = 1935; hourly = true };
    { id = 10147; name = "Birchness"; latitude = 51.293; longitude = 5.229; height = 240.; since = 2007; hourly = true };
    { id = 10154; name = "Birchpoint"; latitude = 51.664; longitude = 6.615; height = 48.; since = 1915; hourly = true };
    { id = 10161; name = "Birchridge"; latitude = 58.640; longitude = 5.506; height = 240.; since = 1971; hourly = false };
    { id = 10168; name = "Birchstead"; latitude = 58.842; longitude = 11.620; height = 12.; since = 1901; hourly = true };
    { id = 10175; name = "Birchwater"; latitude = 51.513; longitude = 8.927; height = 2.; since = 2004; hourly = false };
    { id = 10182; name = "Birchwick"; latitude = 51.823; longitude = 5.537; height = 12.; since = 1987; hourly = false };
    { id = 10189; name = "Cedarbrook"; latitude = 53.693; longitude = 8.097; height = 12.; since = 1893; hourly = true };
    { id = 10196; name = "Cedarcliff"; latitude = 58.995; longitude = 10.020; height = 980.; since = 1980; hourly = true };
    { id = 10203; name = "Cedardale"; latitude = 53.990; longitude = 3.932; height = 240.; since = 1895; hourly = true };
    { id = 10210; name = "Cedarfield"; latitude = 50.673; longitude = 4.879; height = 12.; since = 1908; hourly = true };
    { id = 10217; name = "Cedarford"; latitude = 56.007; longitude = 3.921; height = 12.; since = 1905; hourly = true };
    { id = 10224; name = "Cedarhaven"; latitude = 56.137; longitude = 3.633; height = 30.; since = 1976; hourly = true };
    { id = 10231; name = "Cedarholm"; latitude = 56.344; longitude = 11.599; height = 110.; since = 2001; hourly = true };
    { id = 10238; name = "Cedarness"; latitude = 51.154; longitude = 7.393; height = 520.; since = 2002; hourly = true };
    { id = 10245; name = "Cedarpoint"; latitude = 53.119; longitude = 4.297; height = 110.; since = 1947; hourly = true };
    { id = 10252; name = "Cedarridge"; latitude = 58.289; longitude = 4.453; height = 2.; since = 1932; hourly = false };
    { id = 10259; name = "Cedarstead"; latitude = 53.618; longitude = 9.211; height = 2.; since = 1956; hourly = false };
    { id = 10266; name = "Cedarwater"; latitude = 58.633; longitude = 9.266; height = 48.; since = 1973; hourly = true };
    { id = 10273; name = "Cedarwick"; latitude = 53.557; longitude = 5.005; height = 980.; since = 2008; hourly = true };
    { id = 10280; name = "Dunbrook"; latitude = 56.364; longitude = 8.519; height = 30.; since = 1941; hourly = true };
    { id = 10287; name = "Duncliff"; latitude = 57.399; longitude = 5.041; height = 980.; since = 2006; hourly = true };
    { id = 10294; name = "Dundale"; latitude = 57.310; longitude = 11.906; height = 48.; since = 2000; hourly = true };
    { id = 10301; name = "Dunfield"; latitude = 51.936; longitude = 8.446; height = 110.; since = 1994; hourly = false };
    { id = 10308; name = "Dunford"; latitude = 59.880; longitude = 11.595; height = 110.; since = 1900; hourly = true };
    { id = 10315; name = "Dunhaven"; latitude = 51.022; longitude = 7.231; height = 110.; since = 1932; hourly = true };
    { id = 10322; name = "Dunholm"; latitude = 56.241; longitude = 11.103; height = 2.; since = 2002; hourly = false };
    { id = 10329; name = "Dunness"; latitude = 53.440; longitude = 8.788; height = 5.; since = 1979; hourly = false };
    { id = 10336; name = "Dunpoint"; latitude = 57.501; longitude = 7.302; height = 12.; since = 1991; hourly = false };
    { id = 10343; name = "Dunridge"; latitude = 53.325; longitude = 10.207; height = 240.; since = 1998; hourly = true };
    { id = 10350; name = "Dunstead"; latitude = 57.434; longitude = 3.764; height = 12.; since = 1923; hourly = true };
    { id = 10357; name = "Dunwater"; latitude = 50.275; longitude = 8.317; height = 520.; since = 1917; hourly = false };
    { id = 10364; name = "Dunwick"; latitude = 58.265; longitude = 11.823; height = 110.; since = 1919; hourly = false };
    { id = 10371; name = "Elmbrook"; latitude = 55.483; longitude = 3.193; height = 5.; since = 1915; hourly = true };
    { id = 10378; name = "Elmcliff"; latitude = 59.865; longitude = 4.753; height = 30.; since = 1887; hourly = true };
    { id = 10385; name = "Elmdale"; latitude = 52.128; longitude = 7.510; height = 110.; since = 1946; hourly = false };
    { id = 10392; name = "Elmfield"; latitude = 54.190; longitude = 4.180; height = 110.; since = 1997; hourly = false };
    { id = 10399; name = "Elmford"; latitude = 55.833; longitude = 11.139; height = 240.; since = 2008; hourly = true };
    { id = 10406; name = "Elmhaven"; latitude = 55.318; longitude = 7.712; height = 2.; since = 1992; hourly = true };
    { id = 10413; name = "Elmholm"; latitude = 56.086; longitude = 9.984; height = 12.; since = 1924; hourly = true };
    { id = 10420; name = "Elmness"; latitude = 54.735; longitude = 9.527; height = 980.; since = 1895; hourly = true };
    { id = 10427; name = "Elmpoint"; latitude = 56.823; longitude = 7.777; height = 520.; since = 1907; hourly = false };
    { id = 10434; name = "Elmridge"; latitude = 50.568; longitude = 4.722; height = 2.; since = 1905; hourly = false };
    { id = 10441; name = "Elmstead"; latitude = 54.522; longitude = 3.251; height = 5.; since = 1993; hourly = true };
    { id = 10448; name = "Elmwater"; latitude = 56.125; longitude = 7.550; height = 980.; since = 1931; hourly = false };
    { id = 10455; name = "Elmwick"; latitude = 52.772; longitude = 7.573; height = 520.; since = 2009; hourly = true };
    { id = 10462; name = "Fernbrook"; latitude = 56.992; longitude = 10.889; height = 48.; since = 1931; hourly = true };
    { id = 10469; name = "Ferncliff"; latitude = 51.371; longitude = 4.095; height = 520.; since = 1960; hourly = true };
    { id = 10476; name = "Ferndale"; latitude = 56.712; longitude = 6.855; height = 30.; since = 1957; hourly = true };
    { id = 10483; name = "Fernfield"; latitude = 58.970; longitude = 4.390; height = 110.; since = 1916; hourly = true };
    { id = 10490; name = "Fernford"; latitude = 58.828; longitude = 11.708; height = 30.; since = 1904; hourly = true };
    { id = 10497; name = "Fernhaven"; latitude = 58.849; longitude = 4.465; height = 30.; since = 1921; hourly = false };
    { id = 10504; name = "Fernholm"; latitude = 54.315; longitude = 7.640; height = 110.; since = 1987; hourly = true };
    { id = 10511; name = "Fernness"; latitude = 53.566; longitude = 3.830; height = 110.; since = 1884; hourly = true };
    { id = 10518; name = "Fernpoint"; latitude = 55.541; longitude = 6.964; height = 2.; since = 1978; hourly = true };
    { id = 10525; name = "Fernridge"; latitude = 55.174; longitude = 5.659; height = 5.; since = 1908; hourly = true };
    { id = 10532; name = "Fernstead"; latitude = 59.717; longitude = 3.943; height = 48.; since = 1949; hourly = true };
    { id = 10539; name = "Fernwater"; latitude = 59.059; longitude = 4.634; height = 12.; since = 1988; hourly = false };
    { id = 10546; name = "Fernwick"; latitude = 58.190; longitude = 5.327; height = 12.; since = 2006; hourly = false };
    { id = 10553; name = "Glenbrook"; latitude = 53.270; longitude = 5.512; height = 12.; since = 1988; hourly = true };
    { id = 10560; name = "Glencliff"; latitude = 52.689; longitude = 3.151; height = 5.; since = 1946; hourly = true };
    { id = 10567; name = "Glendale"; latitude = 56.082; longitude = 5.002; height = 48.; since = 1911; hourly = true };
    { id = 10574; name = "Glenfield"; latitude = 50.115; longitude = 11.949; height = 240.; since = 1948; hourly = false };
    { id = 10581; name = "Glenford"; latitude = 51.292; longitude = 7.742; height = 30.; since = 1908; hourly = true };
    { id = 10588; name = "Glenhaven"; latitude = 52.619; longitude = 4.630; height = 48.; since = 1958; hourly = false };
    { id = 10595; name = "Glenholm"; latitude = 57.595; longitude = 5.610; height = 980.; since = 1925; hourly = true };
    { id = 10602; name = "Glenness"; latitude = 53.470; longitude = 3.163; height = 48.; since = 1889; hourly = true };
    { id = 10609; name = "Glenpoint"; latitude = 50.184; longitude = 7.551; height = 30.; since = 2001; hourly = true };
    { id = 10616; name = "Glenridge"; latitude = 59.346; longitude = 3.957; height = 240.; since = 2006; hourly = false };
    { id = 10623; name = "Glenstead"; latitude = 58.346; longitude = 6.538; height = 980.; since = 1958; hourly = false };
    { id = 10630; name = "Glenwater"; latitude = 52.152; longitude = 5.066; height = 30.; since = 1915; hourly = true };
    { id = 10637; name = "Glenwick"; latitude = 59.894; longitude = 11.837; height = 12.; since = 1883; hourly = true };
    { id = 10644; name = "Hazelbrook"; latitude = 56.254; longitude = 10.919; height = 240.; since = 1921; hourly = true };
    { id = 10651; name = "Hazelcliff"; latitude = 50.845; longitude = 10.571; height = 980.; since = 1952; hourly = false };
    { id = 10658; name = "Hazeldale"; latitude = 52.422; longitude = 5.638; height = 520.; since = 1927; hourly = true };
    { id = 10665; name = "Hazelfield"; latitude = 52.690; longitude = 3.033; height = 110.; since = 1964; hourly = false };
    { id = 10672; name = "Hazelford"; latitude = 53.235; longitude = 3.310; height = 48.; since = 1935; hourly = true };
    { id = 10679; name = "Hazelhaven"; latitude = 51.830; longitude = 6.018; height = 5.; since = 2001; hourly = true };
    { id = 10686; name = "Hazelholm"; latitude = 55.028; longitude = 4.809; height = 980.; since = 1881; hourly = true };
    { id = 10693; name = "Hazelness"; latitude = 52.642; longitude = 3.808; height = 240.; since = 1890; hourly = true };
    { id = 10700; name = "Hazelpoint"; latitude = 50.225; longitude = 5.738; height = 30.; since = 1901; hourly = false };
    { id = 10707; name = "Hazelridge"; latitude = 59.576; longitude = 10.679; height = 12.; since = 1979; hourly = true };
    { id = 10714; name = "Hazelstead"; latitude = 57.207; longitude = 7.448; height = 48.; since = 1917; hourly = true };
    { id = 10721; name = "Hazelwater"; latitude = 58.249; longitude = 9.435; height = 980.; since = 1989; hourly = false };
    { id = 10728; name = "Hazelwick"; latitude = 57.011; longitude = 7.550; height = 980.; since = 2009; hourly = false };
    { id = 10735; name = "Ironbrook"; latitude = 58.349; longitude = 10.242; height = 30.; since = 1901; hourly = true };
    { id = 10742; name = "Ironcliff"; latitude = 50.419; longitude = 8.734; height = 5.; since = 1976; hourly = true };
    { id = 10749; name = "Irondale"; latitude = 55.585; longitude = 8.650; height = 980.; since = 1942; hourly = true };
    { id = 10756; name = "Ironfield"; latitude = 52.638; longitude = 7.113; height = 5.; since = 2008; hourly = false };
    { id = 10763; name = "Ironford"; latitude = 50.919; longitude = 7.734; height = 520.; since = 1944; hourly = true };
    { id = 10770; name = "Ironhaven"; latitude = 58.461; longitude = 5.113; height = 30.; since = 1939; hourly = false };
    { id = 10777; name = "Ironholm"; latitude = 56.499; longitude = 7.143; height = 240.; since = 1899; hourly = true };
    { id = 10784; name = "Ironness"; latitude = 59.105; longitude = 5.586; height = 2.; since = 1930; hourly = true };
    { id = 10791; name = "Ironpoint"; latitude = 55.997; longitude = 5.986; height = 48.; since = 1914; hourly = true };
    { id = 10798; name = "Ironridge"; latitude = 54.824; longitude = 7.372; height = 5.; since = 1935; hourly = false };
    { id = 10805; name = "Ironstead"; latitude = 54.896; longitude = 9.380; height = 48.; since = 1998; hourly = true };
    { id = 10812; name = "Ironwater"; latitude = 54.663; longitude = 4.067; height = 980.; since = 1931; hourly = true };
    { id = 10819; name = "Ironwick"; latitude = 59.781; longitude = 11.426; height = 2.; since = 1954; hourly = true };
    { id = 10826; name = "Jasperbrook"; latitude = 50.765; longitude = 7.560; height = 520.; since = 1948; hourly = true };
    { id = 10833; name = "Jaspercliff"; latitude = 52.098; longitude = 11.510; height = 30.; since = 1899; hourly = false };
    { id = 10840; name = "Jasperdale"; latitude = 50.903; longitude = 9.727; height = 48.; since = 1972; hourly = true };
    { id = 10847; name = "Jasperfield"; latitude = 56.034; longitude = 8.685; height = 48.; since = 1908; hourly = false };
    { id = 10854; name = "Jasperford"; latitude = 53.652; longitude = 7.481; height = 520.; since = 1980; hourly = true };
    { id = 10861; name = "Jasperhaven"; latitude = 51.591; longitude = 11.550; height = 520.; since = 1983; hourly = true };
    { id = 10868; name = "Jasperholm"; latitude = 57.272; longitude = 6.746; height = 240.; since = 1960; hourly = true };
    { id = 10875; name = "Jasperness"; latitude = 58.402; longitude = 3.016; height = 110.; since = 1981; hourly = true };
    { id = 10882; name = "Jasperpoint"; latitude = 59.399; longitude = 4.762; height = 2.; since = 1954; hourly = true };
    { id = 10889; name = "Jasperridge"; latitude = 53.722; longitude = 6.536; height = 5.; since = 1972; hourly = true };
    { id = 10896; name = "Jasperstead"; latitude = 57.557; longitude = 10.688; height = 48.; since = 1906; hourly = true };
    { id = 10903; name = "Jasperwater"; latitude = 58.347; longitude = 5.571; height = 12.; since = 1943; hourly = true };
    { id = 10910; name = "Jasperwick"; latitude = 54.362; longitude = 5.840; height = 110.; since = 1989; hourly = true };
    { id = 10917; name = "Kestrelbrook"; latitude = 58.120; longitude = 8.678; height = 980.; since = 1932; hourly = false };
    { id = 10924; name = "Kestrelcliff"; latitude = 50.806; longitude = 11.401; height = 240.; since = 1995; hourly = false };
    { id = 10931; name = "Kestreldale"; latitude = 57.527; longitude = 8.800; height = 48.; since = 2004; hourly = true };
    { id = 10938; name = "Kestrelfield"; latitude = 59.119; longitude = 7.951; height = 12.; since = 2000; hourly = true };
    { id = 10945; name = "Kestrelford"; latitude = 53.437; longitude = 5.680; height = 48.; since = 1983; hourly = false };
    { id = 10952; name = "Kestrelhaven"; latitude = 52.387; longitude = 7.349; height = 240.; since = 1910; hourly = true };
    { id = 10959; name = "Kestrelholm"; latitude = 56.432; longitude = 3.677; height = 980.; since = 2007; hourly = false };
    { id = 10966; name = "Kestrelness"; latitude = 52.200; longitude = 11.156; height = 520.; since = 1989; hourly = true };
    { id = 10973; name = "Kestrelpoint"; latitude = 55.478; longitude = 5.197; height = 12.; since = 1967; hourly = false };
    { id = 10980; name = "Kestrelridge"; latitude = 50.911; longitude = 5.152; height = 48.; since = 1931; hourly = true };
    { id = 10987; name = "Kestrelstead"; latitude = 57.497; longitude = 6.715; height = 240.; since = 1933; hourly = true };
    { id = 10994; name = "Kestrelwater"; latitude = 52.702; longitude = 9.769; height = 520.; since = 1951; hourly = false };
    { id = 11001; name = "Kestrelwick"; latitude = 59.677; longitude = 4.133; height = 980.; since = 1935; hourly = true };
    { id = 11008; name = "Larchbrook"; latitude = 52.710; longitude = 5.236; height = 240.; since = 1994; hourly = true };
    { id = 11015; name = "Larchcliff"; latitude = 59.539; longitude = 10.638; height = 2.; since = 1912; hourly = true };
    { id = 11022; name = "Larchdale"; latitude = 54.252; longitude = 9.873; height = 520.; since = 2005; hourly = true };
    { id = 11029; name = "Larchfield"; latitude = 50.731; longitude = 11.372; height = 980.; since = 1999; hourly = true };
    { id = 11036; name = "Larchford"; latitude = 52.485; longitude = 3.981; height = 12.; since = 1918; hourly = false };
    { id = 11043; name = "Larchhaven"; latitude = 59.719; longitude = 3.980; height = 520.; since = 1901; hourly = false };
    { id = 11050; name = "Larchholm"; latitude = 57.769; longitude = 3.012; height = 12.; since = 1939; hourly = false };
    { id = 11057; name = "Larchness"; latitude = 59.199; longitude = 8.810; height = 48.; since = 1912; hourly = false };
    { id = 11064; name = "Larchpoint"; latitude = 52.518; longitude = 8.727; height = 5.; since = 1905; hourly = true };
    { id = 11071; name = "Larchridge"; latitude = 53.003; longitude = 11.492; height = 30.; since = 1979; hourly = true };
    { id = 11078; name = "Larchstead"; latitude = 52.236; longitude = 8.410; height = 2.; since = 1957; hourly = true };
    { id = 11085; name = "Larchwater"; latitude = 52.786; longitude = 5.847; height = 30.; since = 2001; hourly = false };
    { id = 11092; name = "Larchwick"; latitude = 52.348; longitude = 5.224; height = 240.; since = 1958; hourly = true };
    { id = 11099; name = "Moorbrook"; latitude = 50.218; longitude = 7.485; height = 240.; since = 1900; hourly = true };
    { id = 11106; name = "Moorcliff"; latitude = 52.278; longitude = 6.819; height = 110.; since = 1938; hourly = true };
    { id = 11113; name = "Moordale"; latitude = 50.341; longitude = 6.042; height = 240.; since = 1972; hourly = false };
    { id = 11120; name = "Moorfield"; latitude = 53.964; longitude = 3.061; height = 48.; since = 2009; hourly = true };
    { id = 11127; name = "Moorford"; latitude = 52.052; longitude = 11.729; height = 48.; since = 1929; hourly = true };
    { id = 11134; name = "Moorhaven"; latitude = 54.651; longitude = 5.385; height = 48.; since = 1907; hourly = false };
    { id = 11141; name = "Moorholm"; latitude = 54.958; longitude = 4.686; height = 30.; since = 2004; hourly = true };
    { id = 11148; name = "Moorness"; latitude = 59.104; longitude = 3.508; height = 12.; since = 1980; hourly = true };
    { id = 11155; name = "Moorpoint"; latitude = 52.129; longitude = 11.767; height = 12.; since = 1986; hourly = true };
    { id = 11162; name = "Moorridge"; latitude = 57.099; longitude = 4.657; height = 520.; since = 1960; hourly = false };
    { id = 11169; name = "Moorstead"; latitude = 51.132; longitude = 3.714; height = 12.; since = 1964; hourly = true };
    { id = 11176; name = "Moorwater"; latitude = 51.855; longitude = 11.423; height = 520.; since = 1888; hourly = true };
    { id = 11183; name = "Moorwick"; latitude = 56.644; longitude = 6.408; height = 110.; since = 1964; hourly = true };
    { id = 11190; name = "Northbrook"; latitude = 51.693; longitude = 3.026; height = 48.; since = 1900; hourly = true };
    { id = 11197; name = "Northcliff"; latitude = 54.202; longitude = 10.967; height = 980.; since = 1933; hourly = true };
    { id = 11204; name = "Northdale"; latitude = 53.566; longitude = 10.394; height = 240.; since = 1902; hourly = true };
    { id = 11211; name = "Northfield"; latitude = 57.053; longitude = 4.761; height = 980.; since = 1994; hourly = true };
    { id = 11218; name = "Northford"; latitude = 53.233; longitude = 9.636; height = 520.; since = 1887; hourly = false };
    { id = 11225; name = "Northhaven"; latitude = 54.108; longitude = 10.306; height = 240.; since = 1890; hourly = true };
    { id = 11232; name = "Northholm"; latitude = 50.349; longitude = 3.563; height = 2.; since = 1945; hourly = true };
    { id = 11239; name = "Northness"; latitude = 57.473; longitude = 11.087; height = 110.; since = 1972; hourly = true };
    { id = 11246; name = "Northpoint"; latitude = 53.350; longitude = 11.584; height = 2.; since = 1947; hourly = false };
    { id = 11253; name = "Northridge"; latitude = 57.166; longitude = 5.848; height = 48.; since = 1956; hourly = true };
    { id = 11260; name = "Northstead"; latitude = 57.216; longitude = 8.360; height = 5.; since = 1886; hourly = true };
    { id = 11267; name = "Northwater"; latitude = 51.073; longitude = 9.440; height = 520.; since = 1978; hourly = true };
    { id = 11274; name = "Northwick"; latitude = 59.135; longitude = 10.333; height = 12.; since = 2007; hourly = true };
    { id = 11281; name = "Oakbrook"; latitude = 50.087; longitude = 11.380; height = 48.; since = 1918; hourly = false };
    { id = 11288; name = "Oakcliff"; latitude = 52.361; longitude = 10.751; height = 520.; since = 1972; hourly = false };
    { id = 11295; name = "Oakdale"; latitude = 50.790; longitude = 4.776; height = 12.; since = 1943; hourly = true };
    { id = 11302; name = "Oakfield"; latitude = 50.647; longitude = 3.305; height = 980.; since = 1963; hourly = true };
    { id = 11309; name = "Oakford"; latitude = 59.803; longitude = 10.951; height = 5.; since = 1947; hourly = false };
    { id = 11316; name = "Oakhaven"; latitude = 50.841; longitude = 3.868; height = 520.; since = 1994; hourly = true };
    { id = 11323; name = "Oakholm"; latitude = 52.342; longitude = 6.752; height = 30.; since = 1911; hourly = true };
    { id = 11330; name = "Oakness"; latitude = 52.938; longitude = 8.102; height = 110.; since = 1945; hourly = false };
    { id = 11337; name = "Oakpoint"; latitude = 52.603; longitude = 6.955; height = 12.; since = 1942; hourly = true };
    { id = 11344; name = "Oakridge"; latitude = 51.533; longitude = 10.958; height = 30.; since = 1963; hourly = true };
    { id = 11351; name = "Oakstead"; latitude = 53.961; longitude = 11.932; height = 980.; since = 1939; hourly = false };
    { id = 11358; name = "Oakwater"; latitude = 58.084; longitude = 8.880; height = 2.; since = 1906; hourly = true };
    { id = 11365; name = "Oakwick"; latitude = 54.748; longitude = 10.372; height = 520.; since = 1975; hourly = true };
    { id = 11372; name = "Pinebrook"; latitude = 58.769; longitude = 5.096; height = 2.; since = 1928; hourly = false };
    { id = 11379; name = "Pinecliff"; latitude = 59.730; longitude = 8.249; height = 5.; since = 1975; hourly = false };
    { id = 11386; name = "Pinedale"; latitude = 58.661; longitude = 7.042; height = 48.; since = 1881; hourly = true };
    { id = 11393; name = "Pinefield"; latitude = 56.375; longitude = 9.387; height = 110.; since = 1935; hourly = true };
    { id = 11400; name = "Pineford"; latitude = 53.687; longitude = 4.272; height = 30.; since = 1945; hourly = true };
    { id = 11407; name = "Pinehaven"; latitude = 55.994; longitude = 8.865; height = 30.; since = 1882; hourly = true };
    { id = 11414; name = "Pineholm"; latitude = 54.090; longitude = 6.346; height = 48.; since = 1899; hourly = true };
    { id = 11421; name = "Pineness"; latitude = 50.315; longitude = 7.461; height = 520.; since = 1896; hourly = true };
    { id = 11428; name = "Pinepoint"; latitude = 51.014; longitude = 6.558; height = 980.; since = 1919; hourly = false };
    { id = 11435; name = "Pineridge"; latitude = 55.340; longitude = 8.878; height = 240.; since = 1949; hourly = true };
    { id = 11442; name = "Pinestead"; latitude = 59.882; longitude = 9.010; height = 240.; since = 1893; hourly = true };
    { id = 11449; name = "Pinewater"; latitude = 57.453; longitude = 10.953; height = 240.; since = 1986; hourly = true };
    { id = 11456; name = "Pinewick"; latitude = 58.642; longitude = 11.970; height = 110.; since = 1930; hourly = true };
    { id = 11463; name = "Quarrybrook"; latitude = 57.280; longitude = 4.833; height = 2.; since = 1991; hourly = true };
    { id = 11470; name = "Quarrycliff"; latitude = 54.238; longitude = 10.383; height = 240.; since = 1973; hourly = true };
    { id = 11477; name = "Quarrydale"; latitude = 57.731; longitude = 4.170; height = 2.; since = 1916; hourly = false };
    { id = 11484; name = "Quarryfield"; latitude = 58.065; longitude = 6.570; height = 110.; since = 2009; hourly = true };
    { id = 11491; name = "Quarryford"; latitude = 51.459; longitude = 5.550; height = 980.; since = 1923; hourly = true };
    { id = 11498; name = "Quarryhaven"; latitude = 51.088; longitude = 7.415; height = 30.; since = 1957; hourly = true };
    { id = 11505; name = "Quarryholm"; latitude = 58.373; longitude = 3.391; height = 520.; since = 1960; hourly = true };
    { id = 11512; name = "Quarryness"; latitude = 56.076; longitude = 8.727; height = 5.; since = 1921; hourly = false };
    { id = 11519; name = "Quarrypoint"; latitude = 57.858; longitude = 4.999; height = 240.; since = 1930; hourly = true };
    { id = 11526; name = "Quarryridge"; latitude = 51.830; longitude = 4.963; height = 240.; since = 1920; hourly = true };
    { id = 11533; name = "Quarrystead"; latitude = 53.592; longitude = 4.345; height = 30.; since = 1890; hourly = false };
    { id = 11540; name = "Quarrywater"; latitude = 58.425; longitude = 9.050; height = 110.; since = 1910; hourly = true };
    { id = 11547; name = "Quarrywick"; latitude = 55.995; longitude = 7.950; height = 48.; since = 1987; hourly = true };
    { id = 11554; name = "Ravenbrook"; latitude = 55.826; longitude = 6.832; height = 110.; since = 1994; hourly = false };
    { id = 11561; name = "Ravencliff"; latitude = 54.384; longitude = 3.210; height = 520.; since = 1999; hourly = true };
    { id = 11568; name = "Ravendale"; latitude = 54.468; longitude = 8.567; height = 520.; since = 1925; hourly = true };
    { id = 11575; name = "Ravenfield"; latitude = 54.003; longitude = 3.604; height = 110.; since = 1990; hourly = true };
    { id = 11582; name = "Ravenford"; latitude = 50.917; longitude = 6.978; height = 980.; since = 1890; hourly = true };
    { id = 11589; name = "Ravenhaven"; latitude = 56.364; longitude = 3.740; height = 110.; since = 2010; hourly = true };
    { id = 11596; name = "Ravenholm"; latitude = 50.543; longitude = 7.535; height = 240.; since = 1914; hourly = true };
    { id = 11603; name = "Ravenness"; latitude = 58.571; longitude = 11.965; height = 5.; since = 1929; hourly = true };
    { id = 11610; name = "Ravenpoint"; latitude = 59.817; longitude = 7.427; height = 12.; since = 1936; hourly = true };
    { id = 11617; name = "Ravenridge"; latitude = 58.330; longitude = 8.494; height = 48.; since = 1920; hourly = true };
    { id = 11624; name = "Ravenstead"; latitude = 58.965; longitude = 5.475; height = 520.; since = 1916; hourly = true };
    { id = 11631; name = "Ravenwater"; latitude = 55.022; longitude = 11.279; height = 30.; since = 1947; hourly = false };
    { id = 11638; name = "Ravenwick"; latitude = 55.060; longitude = 5.872; height = 2.; since = 1930; hourly = true };
    { id = 11645; name = "Stonebrook"; latitude = 54.035; longitude = 8.729; height = 48.; since = 1963; hourly = true };
    { id = 11652; name = "Stonecliff"; latitude = 51.687; longitude = 10.064; height = 5.; since = 1892; hourly = false };
    { id = 11659; name = "Stonedale"; latitude = 58.583; longitude = 11.695; height = 520.; since = 1906; hourly = true };
    { id = 11666; name = "Stonefield"; latitude = 59.930; longitude = 8.668; height = 240.; since = 1975; hourly = true };
    { id = 11673; name = "Stoneford"; latitude = 53.757; longitude = 6.321; height = 12.; since = 1972; hourly = true };
    { id = 11680; name = "Stonehaven"; latitude = 57.646; longitude = 6.981; height = 12.; since = 1892; hourly = true };
    { id = 11687; name = "Stoneholm"; latitude = 58.198; longitude = 5.283; height = 110.; since = 1880; hourly = false };
    { id = 11694; name = "Stoneness"; latitude = 50.338; longitude = 4.344; height = 240.; since = 1986; hourly = false };
    { id = 11701; name = "Stonepoint"; latitude = 53.641; longitude = 3.430; height = 520.; since = 1938; hourly = false };
    { id = 11708; name = "Stoneridge"; latitude = 56.531; longitude = 3.201; height = 2.; since = 1970; hourly = true };
    { id = 11715; name = "Stonestead"; latitude = 51.064; longitude = 6.214; height = 30.; since = 1985; hourly = false };
    { id = 11722; name = "Stonewater"; latitude = 53.012; longitude = 4.204; height = 110.; since = 2001; hourly = true };
    { id = 11729; name = "Stonewick"; latitude = 51.347; longitude = 11.429; height = 30.; since = 1918; hourly = true };
    { id = 11736; name = "Thornbrook"; latitude = 50.958; longitude = 8.744; height = 48.; since = 1982; hourly = true };
    { id = 11743; name = "Thorncliff"; latitude = 59.671; longitude = 3.505; height = 980.; since = 1969; hourly = false };
    { id = 11750; name = "Thorndale"; latitude = 56.456; longitude = 6.994; height = 980.; since = 2006; hourly = true };
    { id = 11757; name = "Thornfield"; latitude = 51.651; longitude = 3.004; height = 2.; since = 1886; hourly = true };
    { id = 11764; name = "Thornford"; latitude = 51.857; longitude = 4.433; height = 5.; since = 1883; hourly = false };
    { id = 11771; name = "Thornhaven"; latitude = 55.509; longitude = 11.468; height = 12.; since = 1985; hourly = true };
    { id = 11778; name = "Thornholm"; latitude = 55.183; longitude = 8.784; height = 240.; since = 1924; hourly = false };
    { id = 11785; name = "Thornness"; latitude = 53.094; longitude = 5.702; height = 2.; since = 2002; hourly = false };
    { id = 11792; name = "Thornpoint"; latitude = 55.384; longitude = 6.376; height = 240.; since = 1999; hourly = true };
    { id = 11799; name = "Thornridge"; latitude = 57.418; longitude = 7.072; height = 30.; since = 1906; hourly = true };
    { id = 11806; name = "Thornstead"; latitude = 52.323; longitude = 3.349; height = 110.; since = 1947; hourly = false };
    { id = 11813; name = "Thornwater"; latitude = 50.525; longitude = 8.723; height = 240.; since = 1947; hourly = true };
    { id = 11820; name = "Thornwick"; latitude = 56.420; longitude = 11.686; height = 30.; since = 1901; hourly = false };
  |]

let by_id id = Array.fold_left (fun found station -> if station.id = id then Some station else found) None table

let by_name name =
  let wanted = String.lowercase_ascii name in
  Array.fold_left
    (fun found station -> if String.equal (String.lowercase_ascii station.name) wanted then Some station else found)
    None table

let radians degrees = degrees *. Float.pi /. 180.

(* Great circle distance in kilometres. *)
let distance (latitude1, longitude1) (latitude2, longitude2) =
  let phi1 = radians latitude1 and phi2 = radians latitude2 in
  let half_phi = (phi2 -. phi1) /. 2. and half_lambda = radians (longitude2 -. longitude1) /. 2. in
  let a = (sin half_phi ** 2.) +. (cos phi1 *. cos phi2 *. (sin half_lambda ** 2.)) in
  2. *. 6371. *. asin (sqrt (min 1. a))

let place station = (station.latitude, station.longitude)

let nearest ?(count = 5) from =
  let all = Array.map (fun station -> (distance from (place station), station)) table in
  Array.sort (fun (a, _) (b, _) -> Float.compare a b) all;
  Array.to_list (Array.sub all 0 (min count (Array.length all)))

let within ~km from = Array.to_list table |> List.filter (fun station -> distance from (place station) <= km)
let above height = Array.to_list table |> List.filter (fun station -> station.height >= height)

(* Inverse distance weighting of what neighbours measured. *)
let interpolate ~value from =
  let weigh (sum, weights) (km, station) =
    match value station with
    | None -> (sum, weights)
    | Some x ->
        let weight = 1. /. ((km +. 0.1) ** 2.) in
        (sum +. (weight *. x), weights +. weight)
  in
  let sum, weights = List.fold_left weigh (0., 0.) (nearest ~count:8 from) in
  if weights = 0. then None else Some (sum /. weights)

let custom ~name ~latitude ~longitude ~height = make 0 name latitude longitude height 2020 true
